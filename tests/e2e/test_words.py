"""What people read when they err: each message names what, where and how to mend it."""
import json
import re
import sqlite3

from harness import Case


def damage_pages(database):
    """Overwrites the first page of questions, and one that is needed to open the database."""
    with sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True) as db:
        roots = dict(db.execute("SELECT name, rootpage FROM sqlite_schema"))
        (page_bytes,) = db.execute("PRAGMA page_size").fetchone()
    db.close()
    content = bytearray(database.read_bytes())
    root = (roots["message"] - 1) * page_bytes
    assert content[root] == 5, "the questions fill several pages"  # sqlite.org/fileformat2.html, 1.6
    first_cell = root + int.from_bytes(content[root + 12:root + 14], "big")
    first_leaf = int.from_bytes(content[first_cell:first_cell + 4], "big")
    for page in (first_leaf, roots["job_claim"]):
        content[(page - 1) * page_bytes:page * page_bytes] = b"\xff" * page_bytes
    database.write_bytes(content)


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

    def test_the_readable_rest_of_a_damaged_database_is_exported_once(self):
        self.use_practice()
        questions = [f"question {n} " + str(n) * 3_000 for n in range(6)]
        for n, question in enumerate(questions):
            self.assertEqual(self.ask(question, "--conversation", f"c{n}").code, 0)
        database = self.dir / "data" / "evenkeel.db"
        damage_pages(database)
        damaged = database.read_bytes()
        err = self.refuse(74, "ask", "another")
        (export,) = (self.dir / "data").glob("evenkeel-salvaged-*.jsonl")
        kept = [json.loads(line) for line in export.read_text().splitlines()]
        whole = [row for row in kept if not row["damaged"]]
        self.assertGreater(len(whole), 0)
        self.assertLess(len(whole), len(questions), "a page with questions was overwritten")
        for row in whole:
            self.assertIn(row["question"], questions)
            self.assertTrue(row["answer"])
        for part in (str(database), str(export), f"{len(kept)} message", "evenkeel backup"):
            self.assertIn(part, err)
        self.refuse(74, "ask", "another")
        self.assertEqual(len(list((self.dir / "data").glob("evenkeel-salvaged-*"))), 1)
        self.assertEqual(database.read_bytes(), damaged)
        doctor = self.run_program("doctor")
        self.assertNotEqual(doctor.code, 0)
        self.assertIn(export.name, re.sub(r"\s+", "", doctor.out))

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
