"""The main job against real servers: everything down, everything killed, everything back, every answer in its place."""
from harness import eventually
from real_servers import RealCase, TALE

QUESTIONS = (("harbour", TALE), ("garden", "Tell me a long story about a gardener."), ("harbour", "And then?"))


class Outage(RealCase):
    def setUp(self):
        super().setUp()
        self.settings(max_tokens=40)

    def ask_all(self):
        """Three questions while nobody can answer; who asked the last one waits for it. Their ids and that asker."""
        jobs = []
        for conversation, question in QUESTIONS[:2]:
            receipt = self.ask_json(question, "--conversation", conversation, code=75)
            self.assertEqual(receipt["event"], "queued", receipt)
            jobs.append(receipt["id"])
        conversation, question = QUESTIONS[2]
        asker = self.start("ask", "--wait", "60s", "--conversation", conversation, question)
        queued = eventually(lambda: len(queue := self.queue()) == 3 and queue, "all three are queued")
        jobs += [entry["id"] for entry in queued if entry["question"] == question]
        self.assertEqual({entry["id"] for entry in queued}, set(jobs))
        return jobs, asker

    def answered(self, job):
        view = self.show(job)
        return view if view["state"] in ("answered", "delivered") else None

    def assert_answered_once_in_order(self, jobs):
        views = [eventually(lambda job=job: self.answered(job), f"{job} is answered", limit_s=90, every_s=0.1)
                 for job in jobs]
        for view, (conversation, question) in zip(views, QUESTIONS):
            self.assertEqual((view["conversation"], view["question"]), (conversation, question))
            self.assertTrue(view["answer"].strip(), view)
            self.assertIn(view["figures"]["provider"], ("cloud", "local"))
            outcomes = [attempt["outcome"] for attempt in view["figures"]["attempts"]]
            self.assertEqual(outcomes.count("answered"), 1, view)
            self.assertIn(view["figures"]["finish_reason"], ("stop", "length"))
        for conversation in ("harbour", "garden"):
            held = [(m["id"], m["question"], m["answer"]) for m in self.conversation(conversation)]
            self.assertEqual(held, [(v["id"], v["question"], v["answer"]) for v in views
                                    if v["conversation"] == conversation])
        # The second of a conversation was asked with the first and its answer before it.
        first, _, second = (view["figures"]["tokens"] for view in views)
        self.assertLessEqual(views[0]["ended_at"], views[2]["ended_at"])
        self.assertGreater(second["input"], first["input"] + first["output"] - 2)
        self.assertEqual(self.queue(), [])

    def test_three_questions_survive_everything_and_are_answered_once_in_order(self):
        daemon = self.serve()
        self.servers.stop()
        jobs, asker = self.ask_all()
        self.kill(asker)
        self.kill(daemon)
        self.serve()
        self.assertEqual({entry["id"] for entry in self.queue()}, set(jobs))
        self.servers.start()
        self.assert_answered_once_in_order(jobs)

    def test_a_daemon_killed_in_the_middle_of_an_answer_answers_once(self):
        daemon = self.serve()
        self.servers.stop()
        jobs, asker = self.ask_all()
        self.servers.start()
        eventually(lambda: max(self.cloud.sent(), self.local.sent()) > 2000, "an answer is under way", every_s=0.005)
        self.kill(daemon)
        self.kill(asker)
        self.serve()
        self.assert_answered_once_in_order(jobs)
