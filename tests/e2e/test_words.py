"""What people read when they err: each message names what, where and how to mend it."""
import re

from harness import Case


class BadInput(Case):
    def refuse(self, code, *arguments, env=None, stdin=""):
        done = self.run_program(*arguments, env=env, stdin=stdin)
        self.assertEqual(done.code, code, done)
        self.assertEqual(done.out, "", done)
        return done.err

    def test_unknown_command_and_flag_suggest_the_nearest(self):
        self.assertIn("status", self.refuse(64, "statsu", env=self.bare_env()))
        self.assertIn("--json", self.refuse(64, "status", "--jsno", env=self.bare_env()))

    def test_a_wrong_setting_names_file_line_field_value_and_remedy(self):
        (self.dir / "evenkeel.toml").write_text('[chat]\nmax_tokens = "many"\n')
        err = self.refuse(78, "ask", "x")
        for part in ("evenkeel.toml", "2", "max_tokens", "many"):
            self.assertIn(part, err)

    def test_an_unknown_setting_suggests_the_nearest(self):
        (self.dir / "evenkeel.toml").write_text('[chat]\nmax_token = 100\n')
        err = self.refuse(78, "ask", "x")
        self.assertIn("max_tokens", err)

    def test_a_broken_line_of_the_env_file_is_named(self):
        (self.dir / ".env").write_text("NANOGPT_MODEL=x\nthis is not a setting\n")
        err = self.refuse(78, "ask", "x", env=self.bare_env(EVENKEEL_DATA=self.dir / "data"))
        self.assertIn(".env", err)
        self.assertIn("2", err)

    def test_ask_without_any_provider_says_where_the_key_goes(self):
        err = self.refuse(78, "ask", "x", env=self.bare_env(EVENKEEL_DATA=self.dir / "data"))
        self.assertIn("NANOGPT_API_KEY", err)
        self.assertIn(".env", err)

    def test_practice_answers_without_any_settings(self):
        done = self.run_program("ask", "--practice", "--json", "hello?", env=self.bare_env())
        self.assertEqual(done.code, 0, done)
        self.assertTrue(done.json()["practice"])

    def test_the_placeholder_key_counts_as_none(self):
        (self.dir / ".env").write_text("NANOGPT_API_KEY=your_key_here\n")
        err = self.refuse(78, "ask", "x", env=self.bare_env(EVENKEEL_DATA=self.dir / "data"))
        self.assertIn("placeholder", err)
        self.assertIn(".env, line 1", err)

    def test_a_damaged_database_is_named_and_never_replaced(self):
        self.use_practice()
        self.assertEqual(self.ask("one").code, 0)
        (database,) = [f for f in (self.dir / "data").iterdir() if f.suffix in (".db", ".sqlite", ".sqlite3")]
        damaged = b"this is no database at all" * 400
        database.write_bytes(damaged)
        for side in ("-wal", "-shm"):
            (self.dir / "data" / (database.name + side)).unlink(missing_ok=True)
        err = self.refuse(74, "ask", "two")
        self.assertIn(database.name, err)
        self.assertEqual(database.read_bytes(), damaged)

    def test_help_and_version(self):
        done = self.run_program("--version", env=self.bare_env())
        self.assertEqual(done.code, 0)
        self.assertRegex(done.out, r"^evenkeel \d+\.\d+\.\d+")
        done = self.run_program("--help", env=self.bare_env())
        for command in ("chat", "ask", "serve", "queue", "conversation", "status", "cost", "doctor", "rehearse", "config", "backup"):
            self.assertRegex(done.out, rf"\b{command}\b")
        for command in ("ask", "queue", "serve"):
            self.assertEqual(self.run_program(command, "--help", env=self.bare_env()).code, 0)


class Commands(Case):
    def setUp(self):
        super().setUp()
        self.use_practice()

    def test_status_cost_and_conversation_tell_what_happened(self):
        self.practice.fault("cloud", "status-503", 1)
        self.ask("first", "--conversation", "c1")
        self.ask("second", "--conversation", "c1")
        status = self.run_program("status")
        self.assertEqual(status.code, 0, status)
        self.assertIn("cloud", status.out)
        self.assertIn("local", status.out)
        cost = self.run_program("cost")
        self.assertEqual(cost.code, 0, cost)
        self.assertRegex(cost.out, r"\$")
        listed = self.run_program("conversation", "list")
        self.assertIn("c1", listed.out)
        shown = self.run_program("conversation", "show", "c1")
        self.assertIn("first", shown.out)
        deleted = self.run_program("conversation", "delete", "--yes", "c1")
        self.assertEqual(deleted.code, 0, deleted)
        self.assertEqual(self.run_program("conversation", "show", "c1").code, 66)

    def test_backup_is_a_database_of_its_own(self):
        self.ask("kept", "--conversation", "k")
        self.serve()
        target = self.dir / "copy.db"
        done = self.run_program("backup", str(target))
        self.assertEqual(done.code, 0, done)
        self.assertGreater(target.stat().st_size, 0)
        again = self.run_program("backup", str(target))
        self.assertNotEqual(again.code, 0, "an existing file is never overwritten")

    def test_config_init_check_show(self):
        env = self.bare_env(EVENKEEL_DATA=self.dir / "data")
        (self.dir / "evenkeel.toml").unlink()
        done = self.run_program("config", "init", env=env)
        self.assertEqual(done.code, 0, done)
        self.assertTrue((self.dir / "evenkeel.toml").exists())
        self.assertEqual(self.run_program("config", "check", env=env).code, 0)
        shown = self.run_program("config", "show", env=self.env())
        self.assertEqual(shown.code, 0, shown)
        self.assertNotIn("canary", shown.out)
        self.assertNotEqual(self.run_program("config", "init", env=env).code, 0, "an existing file is never overwritten")

    def test_doctor_finds_what_is_wrong_and_says_how_to_mend_it(self):
        self.practice.fault("local", "refuse")
        done = self.run_program("doctor")
        self.assertIn("local", done.out)
        self.assertNotIn("canary", done.out)

    def test_rehearse_quick_keeps_every_promise(self):
        done = self.run_program("rehearse", "--quick", env=self.bare_env(), limit_s=60)
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.out, re.compile("kept|promise", re.I))

    def test_with_closed_input_the_short_rehearsal_shows_the_main_job(self):
        done = self.run_program(env=self.bare_env(), limit_s=60)
        self.assertEqual(done.code, 0, done)
        self.assertIn("queue", done.out.lower())
