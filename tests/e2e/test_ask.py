"""One question from a shell: who answers it, how a failing provider shows, and what the figures say."""
import json

from harness import Case


class Ask(Case):
    def setUp(self):
        super().setUp()
        self.use_practice()

    def test_the_cloud_answers_first(self):
        done = self.ask("What is the capital of France?", "--json")
        self.assertEqual(done.code, 0, done)
        answer = done.json()
        self.assertEqual(answer["provider"], "cloud")
        self.assertFalse(answer["degraded"])
        self.assertEqual(answer["finish_reason"], "stop")
        self.assertIn("capital of France", answer["content"])
        self.assertGreater(answer["tokens"]["input"], 0)
        self.assertGreater(answer["tokens"]["output"], 0)
        self.assertGreater(answer["cost_usd"], 0)
        self.assertEqual([a["outcome"] for a in answer["attempts"]], ["answered"])
        self.assertEqual(len(self.practice.log("cloud")), 1)
        self.assertEqual(len(self.practice.log("local")), 0)

    def test_plain_output_is_the_answer_and_nothing_else(self):
        done = self.ask("Plain?")
        self.assertEqual(done.code, 0, done)
        self.assertIn("Plain?", done.out)
        self.assertNotIn("tokens", done.out)

    def test_each_hard_failure_is_answered_by_the_local_model_at_once(self):
        for behaviour in ("status-500", "status-503", "status-502-html", "status-429-2s", "status-401", "refuse", "reset", "html",
                          "empty", "whitespace", "error_200", "no_content", "model_missing", "garbage"):
            with self.subTest(behaviour):
                self.setUpFreshData(behaviour)
                self.practice.fault("cloud", behaviour)
                done = self.ask(f"Who answers after {behaviour}?", "--json")
                self.assertEqual(done.code, 0, done)
                answer = done.json()
                self.assertEqual(answer["provider"], "local", answer)
                self.assertTrue(answer["degraded"])
                self.assertIn(behaviour, answer["content"])
                failed = answer["attempts"][0]
                self.assertEqual((failed["provider"], failed["outcome"]), ("cloud", "failed"), failed)
                self.practice.fault("cloud", "healthy")

    def setUpFreshData(self, name):
        """A data directory without memory of earlier failures."""
        self.data = self.dir / f"data-{name}"

    def env(self, **extra):
        env = super().env(**extra)
        if hasattr(self, "data"):
            env["EVENKEEL_DATA"] = str(self.data)
        return env

    def test_an_answer_cut_in_the_middle_is_never_shown_as_whole(self):
        for behaviour in ("cut-20", "error-20", "no_finish", "done_only", "truncated"):
            with self.subTest(behaviour):
                self.setUpFreshData(behaviour)
                self.practice.fault("cloud", behaviour)
                self.cut_is_mended()

    def cut_is_mended(self):
        done = self.ask("[numbered] count", "--json")
        self.assertEqual(done.code, 0, done)
        answer = done.json()
        self.assertEqual(answer["provider"], "local")
        self.assertEqual([a["outcome"] for a in answer["attempts"] if a["outcome"] != "skipped"], ["cut", "answered"])
        self.assertEqual(answer["content"].count("[60]"), 1)
        self.assertEqual(answer["content"].count("[20]"), 1)

    def test_a_pipe_that_asked_for_the_stream_ends_with_75_when_it_is_cut(self):
        self.practice.fault("cloud", "cut-20")
        done = self.ask("[numbered] count", "--stream")
        self.assertEqual(done.code, 75, done)
        self.assertNotIn("[60]", done.out)
        self.assertIn("evenkeel queue show", done.err)

    def test_no_key_ever_appears_in_what_people_read(self):
        self.practice.fault("cloud", "status-401")
        done = self.ask("secret?", "--json")
        self.assertNotIn("canary", done.out + done.err)

    def test_a_refused_request_is_refused_once_and_says_so(self):
        self.practice.fault("cloud", "status-400")
        done = self.ask("bad", "--json")
        self.assertEqual(done.code, 65, done)
        self.assertEqual(len(self.practice.log("cloud")), 1)
        self.assertEqual(len(self.practice.log("local")), 0)

    def test_a_private_question_never_leaves_the_machine(self):
        done = self.ask("diagnosis?", "--private", "--json")
        # Practice providers are on loopback, so both count as local unless the settings say otherwise.
        self.assertEqual(done.code, 0, done)
        self.configure(self.practice.places["cloud"], self.practice.places["local"])
        settings = (self.dir / "evenkeel.toml").read_text().replace('name = "cloud"', 'name = "cloud"\nlocal = false')
        (self.dir / "evenkeel.toml").write_text(settings)
        before = len(self.practice.log("cloud"))
        done = self.ask("diagnosis?", "--private", "--json")
        self.assertEqual(done.json()["provider"], "local", done)
        self.assertEqual(len(self.practice.log("cloud")), before)

    def test_a_conversation_is_remembered_and_others_are_not(self):
        self.ask("My name is Ada.", "--conversation", "ada")
        self.ask("Something else.", "--conversation", "bob")
        self.ask("What is my name?", "--conversation", "ada")
        last = self.practice.log("cloud")[-1]
        other = self.practice.log("cloud")[-2]
        self.assertGreater(last["messages"], other["messages"])

    def test_the_question_may_come_from_a_pipe(self):
        done = self.run_program(stdin="first question\nsecond question\n")
        self.assertEqual(done.code, 0, done)
        self.assertIn("first question", done.out)
        self.assertIn("second question", done.out)
        self.assertLess(done.out.index("first question"), done.out.index("second question"))
