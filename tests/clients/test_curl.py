"""curl, as people paste it from the manuals of both APIs."""
import json
import subprocess

from stage import ClientCase

ASK = '{"model": "practice", "messages": [{"role": "user", "content": "Is anybody there?"}]}'


class Curl(ClientCase):
    def curl(self, path, *arguments):
        """Status, header lines in lower case, body."""
        done = subprocess.run(["curl", "-sS", "-i", "--max-time", "20", *arguments, self.root + path],
                              capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
        return int(head.split()[1]), head.lower(), body

    def test_finds_the_server(self):
        self.assertEqual(self.curl("/")[::2], (200, "Ollama is running"))
        self.assertEqual(self.curl("/", "-I")[0], 200)
        self.assertEqual(json.loads(self.curl("/api/version")[2]), {"version": "0.17.4"})

    def test_asks_with_the_type_of_a_form_as_curl_sends_it(self):
        status, head, body = self.curl("/v1/chat/completions", "-d", ASK)
        self.assertEqual(status, 200)
        self.assertIn("x-evenkeel-provider: cloud", head)
        self.assertIn("Is anybody there?", json.loads(body)["choices"][0]["message"]["content"])
        status, head, body = self.curl("/api/chat", "-d", ASK)
        self.assertEqual(status, 200)
        self.assertIn("content-type: application/x-ndjson", head)
        self.assertTrue(json.loads(body.strip().splitlines()[-1])["done"])

    def test_streams(self):
        _, head, body = self.curl("/v1/chat/completions", "-N", "-d", ASK[:-1] + ', "stream": true}')
        self.assertIn("content-type: text/event-stream", head)
        self.assertTrue(body.endswith("data: [DONE]\n\n"))

    def test_reads_what_is_wrong(self):
        status, _, body = self.curl("/v1/chat/completions", "-d", "{'model'}")
        self.assertEqual(status, 400)
        self.assertIn("line 1, column 2", json.loads(body)["error"]["message"])
        status, head, body = self.curl("/v1/chat/completions")
        self.assertEqual(status, 405)
        self.assertIn("allow: post", head)
        self.assertEqual(self.curl("/api/nothing")[0], 404)

    def test_in_an_outage(self):
        self.cloud_down()
        status, head, _ = self.curl("/v1/chat/completions", "-d", ASK)
        self.assertEqual(status, 200)
        self.assertIn("x-evenkeel-provider: local", head)
        self.assertIn("x-evenkeel-degraded: true", head)
        self.all_down()
        status, head, body = self.curl("/v1/chat/completions", "-d", ASK)
        self.assertEqual(status, 503)
        self.assertIn("retry-after: ", head)
        self.assertEqual(json.loads(body)["error"]["code"], "all_providers_unavailable")
