"""Both providers down: the receipt, the queue, kill -9, and the answer that comes back, once and in order."""
import json
import subprocess

from harness import Case, eventually


class Queue(Case):
    def setUp(self):
        super().setUp()
        self.use_practice()

    def ask_while_down(self, question, conversation):
        done = self.ask(question, "--conversation", conversation, "--json")
        self.assertEqual(done.code, 75, done)
        return done.json()["id"]

    def answered(self, job):
        view = self.show(job)
        return view if view["state"] in ("answered", "delivered") else None

    def test_the_receipt_names_the_id_and_who_will_answer(self):
        self.practice.both("refuse")
        done = self.ask("Anybody?")
        self.assertEqual(done.code, 75, done)
        self.assertEqual(done.out, "")
        self.assertIn("Queued as", done.err)
        self.assertIn("evenkeel serve", done.err)

    def test_three_questions_survive_kill_9_and_are_answered_once_in_order(self):
        self.practice.both("refuse")
        daemon = self.serve()
        jobs = [self.ask_while_down("first of a", "a"), self.ask_while_down("only of b", "b"),
                self.ask_while_down("second of a", "a")]
        self.kill(daemon)
        self.serve()
        self.assertEqual({entry["id"] for entry in self.queue()}, set(jobs))
        self.practice.both("healthy")
        views = [eventually(lambda job=job: self.answered(job), f"{job} is answered") for job in jobs]
        for view, question in zip(views, ("first of a", "only of b", "second of a")):
            self.assertEqual(view["question"], question)
            self.assertIn(question, view["answer"])
        asked = [e["question"] for p in ("cloud", "local") for e in self.practice.log(p) if e["outcome"] == "answered" and e["model"]]
        for question in ("first of a", "only of b", "second of a"):
            self.assertEqual(sum(question in text for text in asked), 1, asked)
        self.assertEqual(self.queue(), [])

    def test_queue_run_works_it_in_the_foreground(self):
        self.practice.both("status-503")
        job = self.ask_while_down("later?", "x")
        self.practice.both("healthy")
        done = self.run_program("queue", "run", "--until-empty")
        self.assertEqual(done.code, 0, done)
        self.assertIn("later?", self.show(job)["answer"])

    def test_ask_waits_when_it_is_told_to(self):
        self.practice.both("refuse")
        waiting = self.start("ask", "--wait", "30s", "patience?")
        eventually(lambda: len(self.queue()) == 1, "the question is queued")
        self.practice.both("healthy")
        out, err = waiting.communicate(timeout=30)
        self.assertEqual(waiting.returncode, 0, err)
        self.assertIn("patience?", out)

    def test_a_queued_question_can_be_taken_back(self):
        self.practice.both("refuse")
        job = self.ask_while_down("never mind", "c")
        done = self.run_program("queue", "cancel", job[:13])
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.show(job)["state"], "cancelled")
        again = self.run_program("queue", "cancel", job)
        self.assertEqual(again.code, 65, again)
        missing = self.run_program("queue", "cancel", "ffffffff")
        self.assertEqual(missing.code, 66, missing)

    def test_the_second_question_of_a_silent_outage_waits_for_nobody(self):
        (self.dir / "evenkeel.toml").write_text((self.dir / "evenkeel.toml").read_text().replace(
            'price_input', 'first_content_timeout = "1s"\nprice_input'))
        self.practice.fault("cloud", "silence")
        self.serve()
        first = self.ask("one", "--json")
        self.assertEqual(first.json()["provider"], "local", first)
        before = len(self.practice.log("cloud"))
        second = self.ask("two", "--json").json()
        self.assertEqual(second["provider"], "local")
        self.assertEqual(second["attempts"][0]["outcome"], "skipped", second)
        self.assertGreaterEqual(len(self.practice.log("cloud")), before)

    def test_when_the_cloud_is_back_it_answers_again(self):
        self.practice.fault("cloud", "refuse")
        self.serve()
        self.assertEqual(self.ask("one", "--json").json()["provider"], "local")
        self.practice.fault("cloud", "healthy")
        eventually(lambda: self.ask("again", "--json").json()["provider"] == "cloud", "the cloud answers again", every_s=0.3)


class Owners(Case):
    """Several processes and one data directory."""

    def setUp(self):
        super().setUp()
        self.use_practice()

    def test_many_askers_at_once_are_all_answered_and_none_reads_of_locks(self):
        askers = [self.start("ask", f"question {n}?") for n in range(8)]
        for n, asker in enumerate(askers):
            out, err = asker.communicate(timeout=60)
            self.assertEqual(asker.returncode, 0, err)
            self.assertIn(f"question {n}?", out)
            self.assertNotIn("lock", err)

    def test_a_daemon_takes_over_from_a_waiting_asker(self):
        self.practice.both("refuse")
        waiting = self.start("ask", "--wait", "60s", "handed over?")
        eventually(lambda: len(self.queue()) == 1, "the question is queued")
        self.serve()
        status = eventually(lambda: self.owner_kind() == "serve", "serve owns the data")
        self.practice.both("healthy")
        out, err = waiting.communicate(timeout=60)
        self.assertEqual(waiting.returncode, 0, err)
        self.assertIn("handed over?", out)

    def owner_kind(self):
        done = self.run_program("status", "--json")
        return done.json().get("owner", {}).get("command") if done.code == 0 else None

    def test_when_the_owner_is_killed_a_waiting_client_goes_on(self):
        self.practice.both("refuse")
        daemon = self.serve()
        waiting = self.start("ask", "--wait", "60s", "orphaned?")
        eventually(lambda: len(self.queue()) == 1, "the question is queued")
        self.kill(daemon)
        self.practice.both("healthy")
        out, err = waiting.communicate(timeout=60)
        self.assertEqual(waiting.returncode, 0, err)
        self.assertIn("orphaned?", out)
