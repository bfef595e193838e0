"""The openai and ollama packages for Node, as they come, through an outage."""
import json
import pathlib
import subprocess

from stage import ClientCase

HERE = pathlib.Path(__file__).parent


class NodeCase(ClientCase):
    script = ""

    def see(self, what):
        done = subprocess.run(["node", HERE / self.script, self.root, what], capture_output=True, text=True, timeout=240)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)


class OpenAi(NodeCase):
    script = "node_openai.mjs"

    def test_answers_streams_and_lists(self):
        whole = self.see("whole")
        self.assertIn("Is anybody there?", whole["text"])
        self.assertEqual((whole["finish"], whole["provider"]), ("stop", "cloud"))
        self.assertTrue(whole["id"])
        self.assertEqual(self.see("stream"), {"text": whole["text"], "finish": "stop"})
        self.assertEqual(self.see("completions"), {"text": whole["text"]})
        models = self.see("models")
        self.assertIn("practice", models["models"])
        self.assertEqual((models["owner"], models["error"], models["status"]), ("local", "NotFoundError", 404))

    def test_through_an_outage(self):
        self.cloud_down()
        self.assertEqual(self.see("whole")["provider"], "local")
        self.all_down()
        refused = self.see("whole")
        self.assertEqual(refused, {"error": "InternalServerError", "status": 503, "code": "all_providers_unavailable"})

    def test_its_own_retry_brings_the_answer(self):
        self.practice.fault("cloud", "status-503-1s", times=1)
        self.practice.fault("local", "status-503", times=1)
        self.assertEqual(self.see("retry")["finish"], "stop")

    def test_a_stream_that_nobody_can_finish_raises(self):
        self.practice.both("cut-5")
        broken = self.see("stream")
        self.assertEqual(broken["error"], "APIError")
        self.assertIsNone(broken["finish"])


class OpenAiScripted(NodeCase):
    scripted = True
    script = "node_openai.mjs"

    def test_tools_and_vectors(self):
        self.assertEqual(self.see("tools"), {"text": "rain in Paris and rain in Rome"})
        self.assertEqual(self.see("embeddings"), {"length": 8})
        self.cloud.fail(503)
        self.assertEqual(self.see("tools"), {"text": "rain in Paris and rain in Rome"})


class Ollama(NodeCase):
    script = "node_ollama.mjs"

    def test_answers_streams_and_lists(self):
        whole = self.see("whole")
        self.assertIn("Is anybody there?", whole["text"])
        self.assertTrue(whole["done"] and whole["count"] > 0)
        self.assertEqual(self.see("stream"), {"text": whole["text"], "done": True})
        self.assertEqual(self.see("generate"), {"text": whole["text"]})
        listed = self.see("list")
        self.assertIn("practice", listed["models"])
        self.assertIn("completion", listed["capabilities"])

    def test_refusals(self):
        self.assertEqual(self.see("unknown"),
                         {"error": "ResponseError", "status": 404, "message": "model 'none' not found"})
        self.assertEqual(self.see("pull")["status"], 403)

    def test_through_an_outage(self):
        self.cloud_down()
        self.assertTrue(self.see("stream")["done"])
        self.all_down()
        refused = self.see("stream")
        self.assertEqual((refused["error"], refused["status"]), ("ResponseError", 503))

    def test_a_stream_that_nobody_can_finish_raises(self):
        self.practice.both("cut-5")
        self.assertIn("error", self.see("stream"))


class OllamaScripted(NodeCase):
    scripted = True
    script = "node_ollama.mjs"

    def test_vectors(self):
        self.assertEqual(self.see("embed"), {"length": 8})
