"""What is kept over HTTP: responses in the background through kill -9, streams taken up again, keys, polling."""
import http.client
import json
import socket

from harness import LIMIT_S, Case, eventually


class Reply:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    def json(self):
        return json.loads(self.text)

    def events(self):
        """The data of each server-sent event."""
        return [json.loads(line[6:]) for line in self.text.splitlines() if line.startswith("data: {")]

    def __repr__(self):
        return f"{self.status}\n{self.text}"


class Responses(Case):
    def setUp(self):
        super().setUp()
        self.use_practice()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        with open(self.dir / "evenkeel.toml", "a") as settings:
            settings.write(f'\n[server]\nlisten = "127.0.0.1:{self.port}"\n')

    def serve(self):
        process = super().serve()
        # The control socket is there first.
        eventually(self.listens, "the API answers")
        return process

    def listens(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False

    def call(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_S)
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json", **fields})
        reply = connection.getresponse()
        done = Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read().decode())
        connection.close()
        return done

    def test_a_background_response_survives_kill_9_and_is_answered_after_the_outage(self):
        self.practice.both("refuse")
        daemon = self.serve()
        made = self.call("POST", "/v1/responses", {"input": "In the background?", "background": True})
        self.assertEqual(made.status, 200, made)
        self.assertIn(made.json()["status"], ("queued", "in_progress"))
        path = "/v1/responses/" + made.json()["id"]
        self.kill(daemon)
        self.serve()
        self.assertIn(self.call("GET", path).json()["status"], ("queued", "in_progress"))
        self.practice.both("healthy")
        done = eventually(lambda: (lambda r: r if r.json()["status"] == "completed" else None)(self.call("GET", path)),
                          "the response is completed")
        self.assertIn("In the background?", done.json()["output"][0]["content"][0]["text"])
        asked = [e for p in ("cloud", "local") for e in self.practice.log(p)
                 if e["outcome"] == "answered" and "In the background?" in e["question"]]
        self.assertEqual(len(asked), 1, asked)

    def test_a_stream_is_taken_up_behind_any_number_also_after_kill_9(self):
        daemon = self.serve()
        whole = self.call("POST", "/v1/responses", {"input": "Tell me.", "stream": True}).events()
        self.assertEqual([e["sequence_number"] for e in whole], list(range(len(whole))))
        self.assertEqual(whole[0]["type"], "response.created")
        self.assertEqual(whole[-1]["type"], "response.completed")
        self.kill(daemon)
        self.serve()
        path = f"/v1/responses/{whole[0]['response']['id']}?stream=true&starting_after="
        for seen in (1, len(whole) // 2, len(whole) - 2):
            self.assertEqual(self.call("GET", path + str(seen)).events(), whole[seen + 1:])

    def test_an_async_chat_call_is_polled_through_an_outage_and_a_kill(self):
        self.practice.both("status-503")
        daemon = self.serve()
        body = {"messages": [{"role": "user", "content": "Later, please?"}]}
        taken = self.call("POST", "/v1/chat/completions", body, Prefer="respond-async")
        self.assertEqual(taken.status, 202, taken)
        path = taken.headers["location"]
        self.kill(daemon)
        self.serve()
        self.assertEqual(self.call("GET", path).status, 202)
        self.practice.both("healthy")
        done = eventually(lambda: (lambda r: r if r.status == 200 else None)(self.call("GET", path)), "it is answered")
        self.assertIn("Later, please?", done.json()["choices"][0]["message"]["content"])

    def test_one_key_gives_one_answer_streamed_and_whole_also_after_kill_9(self):
        daemon = self.serve()
        for stream in (False, True):
            body = {"messages": [{"role": "user", "content": f"Once? {stream}"}], "stream": stream}
            first = self.call("POST", "/v1/chat/completions", body, Idempotency_Key=f"k{stream}")
            self.assertEqual(first.status, 200, first)
            self.kill(daemon)
            daemon = self.serve()
            again = self.call("POST", "/v1/chat/completions", body, Idempotency_Key=f"k{stream}")
            self.assertEqual(again.text, first.text)
            other = self.call("POST", "/v1/chat/completions", {"messages": []}, Idempotency_Key=f"k{stream}")
            self.assertEqual(other.status, 422, other)
        asked = [e["question"] for e in self.practice.log("cloud") if "Once?" in e["question"]]
        self.assertEqual(len(asked), 2, asked)

    def test_a_response_goes_on_from_an_earlier_one_and_can_be_removed(self):
        self.serve()
        first = self.call("POST", "/v1/responses", {"input": "One?"}).json()
        second = self.call("POST", "/v1/responses", {"input": "Two?", "previous_response_id": first["id"]})
        self.assertEqual(second.status, 200, second)
        items = self.call("GET", f"/v1/responses/{second.json()['id']}/input_items?order=asc").json()["data"]
        self.assertEqual([item["content"][0]["text"] for item in items if item["role"] == "user"], ["One?", "Two?"])
        self.assertTrue(self.call("DELETE", f"/v1/responses/{first['id']}").json()["deleted"])
        self.assertEqual(self.call("GET", f"/v1/responses/{first['id']}").status, 404)
        self.assertEqual(self.call("GET", f"/v1/responses/{second.json()['id']}").status, 200)
