"""Real servers that break: before the answer, in the middle of it, and both at once for a while."""
import functools
import signal

from harness import eventually
from real_servers import CONTEXT_TOKENS, RealCase, TALE, model

TALE_TOKENS = 80


@functools.cache
def tale(ollama):
    """The tale as Ollama itself tells it; at temperature 0 it is the same each time."""
    return ollama.post("/api/chat", {
        "model": model(), "messages": [{"role": "user", "content": TALE}], "stream": False,
        "options": {"num_ctx": CONTEXT_TOKENS, "num_predict": TALE_TOKENS, "temperature": 0}})["message"]["content"]


class BeforeTheAnswer(RealCase):
    def failed(self, answer, cls, status=None):
        """The cloud's attempt, which failed as `cls`, and the local model's, which mended it."""
        self.assert_whole(answer, "local")
        first = answer["attempts"][0]
        self.assertEqual((first["provider"], first["outcome"], first["class"]), ("cloud", "failed", cls), first)
        if status is not None:
            self.assertEqual(first["error"]["status"], status, first)
        return first["error"]

    def test_a_model_that_the_cloud_lacks_is_answered_by_the_local_one(self):
        self.settings(cloud_model="nope:1b")
        error = self.failed(self.ask_json("Say hello."), "model_gone", 404)
        self.assertIn("nope:1b", error["detail"])

    def test_a_model_that_nobody_has_is_queued_and_named(self):
        self.settings(cloud_model="nope:1b", local_model="neither:1b")
        receipt = self.ask_json("Say hello.", code=75)
        view = self.show(receipt["id"])
        self.assertFalse(view.get("answer"), view)
        self.assertIn("neither:1b", view["reason"])
        # With a model that exists the same question is answered.
        self.settings()
        done = self.run_program("queue", "run", "--until-empty", limit_s=90)
        self.assertEqual(done.code, 0, done)
        self.assertTrue(self.show(receipt["id"])["answer"].strip())

    def test_a_missing_local_model_shows_when_the_cloud_is_away(self):
        self.settings(local_model="neither:1b")
        self.nginx.stop()
        receipt = self.ask_json("Say hello.", code=75)
        self.assertIn("neither:1b", self.show(receipt["id"])["reason"])

    def test_a_busy_cloud_is_helped_out_and_nobody_is_refused(self):
        self.settings(max_tokens=8)
        self.cloud.start(OLLAMA_MAX_QUEUE="1", OLLAMA_NUM_PARALLEL="1")  # Cold: only then is its queue the limit.
        self.serve()
        asking = [self.start("ask", "--json", f"Say {n}.") for n in ("one", "two", "three", "four", "five")]
        answers = [self.finish(each) for each in asking]
        refused = [a for answer in answers for a in answer["attempts"] if a["class"] == "overload"]
        self.assertTrue(refused, answers)
        for attempt in refused:
            self.assertEqual((attempt["provider"], attempt["error"]["status"]), ("cloud", 503))
        for answer in answers:
            self.assert_whole(answer, answer["provider"])
        self.assertGreaterEqual(sum(answer["provider"] == "local" for answer in answers), len(refused))

    def test_a_certificate_of_another_authority_is_refused(self):
        self.settings(ca=self.servers.stranger.certificate)
        before = self.cloud.requests("/v1/chat/completions")
        error = self.failed(self.ask_json("Say hello."), "account")
        self.assertIn("certificate", error["detail"])
        self.assertEqual(self.cloud.requests("/v1/chat/completions"), before, "it was asked all the same")

    def test_a_stopped_proxy_is_told_at_once(self):
        self.nginx.stop()
        error = self.failed(self.ask_json("Say hello."), "transient")
        self.assertEqual(error["code"], "refused")

    def test_a_proxy_with_nothing_behind_it(self):
        self.cloud.stop()
        self.failed(self.ask_json("Say hello."), "transient", 502)

    def test_when_the_cloud_is_back_it_answers_again(self):
        self.settings(max_tokens=8)
        self.serve()
        self.nginx.stop()
        self.assert_whole(self.ask_json("Say hello."), "local")
        self.nginx.start()
        eventually(lambda: self.ask_json("Say hello.")["provider"] == "cloud", "the cloud answers again", every_s=0.3)


class InMidAnswer(RealCase):
    def setUp(self):
        super().setUp()
        self.whole = tale(self.local)
        self.settings(max_tokens=TALE_TOKENS, cloud='idle_timeout = "1s"', local='idle_timeout = "1s"')

    def broken(self, ollama, fault):
        """A tale by `ollama` with `fault` in its middle: the asker, still waiting."""
        since = ollama.sent()
        asking = self.start("ask", "--json", TALE)
        self.answering(ollama, since, asking)
        fault()
        return asking

    def asked(self, answer):
        """Who was really asked, and how that ended."""
        return [(a["provider"], a["outcome"], a["class"]) for a in answer["attempts"] if a["outcome"] != "skipped"]

    def mended_by_the_local_model(self, asking, cls):
        answer = self.finish(asking)
        self.assert_whole(answer, "local")
        self.assertEqual(self.asked(answer), [("cloud", "cut", cls), ("local", "answered", None)])
        self.assertEqual(answer["content"], self.whole, "something of the broken answer is in it")

    def test_the_clouds_model_is_killed(self):
        """Ollama loses this error on its way to /v1: the stream ends as if all were well, but for the finish reason."""
        asking = self.broken(self.cloud, lambda: self.cloud.signal_runner(signal.SIGKILL))
        self.mended_by_the_local_model(asking, "transient")

    def test_the_clouds_model_hangs(self):
        asking = self.broken(self.cloud, lambda: self.cloud.signal_runner(signal.SIGSTOP))
        self.mended_by_the_local_model(asking, "silent")

    def test_the_clouds_server_is_killed(self):
        asking = self.broken(self.cloud, self.cloud.stop)
        self.mended_by_the_local_model(asking, "transient")

    def test_the_proxy_is_killed(self):
        asking = self.broken(self.cloud, self.nginx.stop)
        self.mended_by_the_local_model(asking, "transient")

    def test_a_pipe_that_saw_half_an_answer_is_told(self):
        since = self.cloud.sent()
        asking = self.start("ask", "--stream", TALE)
        self.answering(self.cloud, since, asking)
        self.cloud.signal_runner(signal.SIGKILL)
        out, err = asking.communicate(timeout=60)
        self.assertEqual(asking.returncode, 75, (out, err))
        self.assertTrue(out.strip())
        self.assertTrue(self.whole.startswith(out.rstrip("\n")), out)
        self.assertLess(len(out), len(self.whole))
        self.assertIn("broke off", err)
        self.assertIn("evenkeel queue show", err)

    def test_the_local_model_is_killed_and_nobody_else_is_there(self):
        """Ollama loads its model anew, so the same provider begins the answer again."""
        self.nginx.stop()
        answer = self.finish(self.broken(self.local, lambda: self.local.signal_runner(signal.SIGKILL)))
        self.assert_whole(answer, "local")
        self.assertEqual(self.asked(answer), [("cloud", "failed", "transient"), ("local", "cut", "transient"),
                                              ("local", "answered", None)])
        self.assertEqual(answer["content"], self.whole)

    def test_the_local_model_hangs_and_nobody_else_is_there(self):
        """A receipt, nothing of the broken text, and the whole answer once the model goes on."""
        self.nginx.stop()
        receipt = self.finish(self.broken(self.local, lambda: self.local.signal_runner(signal.SIGSTOP)), code=75)
        view = self.show(receipt["id"])
        self.assertIn(view["state"], ("queued", "working"))
        self.assertFalse(view.get("answer"), view)
        self.local.signal_runner(signal.SIGCONT)
        done = self.run_program("queue", "run", "--until-empty", limit_s=90)
        self.assertEqual(done.code, 0, done)
        view = self.show(receipt["id"])
        self.assertIn(view["state"], ("answered", "delivered"))
        self.assertEqual(view["answer"], self.whole)
