"""Keys of the HTTP API: made once, shown once, kept as hashes, refused once revoked, across a running daemon."""
import re
import socket

from harness import Case


class Keys(Case):
    def setUp(self):
        super().setUp()
        self.use_practice()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        file = self.dir / "evenkeel.toml"
        file.write_text(f'[server]\nlisten = "127.0.0.1:{self.port}"\n' + file.read_text())

    def create(self, *arguments):
        done = self.run_program("key", "create", *arguments)
        self.assertEqual(done.code, 0, done)
        return done

    def keys(self, *flags):
        done = self.run_program("key", "list", "--json", *flags)
        self.assertEqual(done.code, 0, done)
        return done.json()

    def test_a_key_is_shown_once_with_a_call_and_kept_nowhere(self):
        done = self.create("bot", "--requests-per-minute", "60", "--usd-per-day", "0.5", "--downgrade", "--expires", "30d")
        keys = set(re.findall(r"sk-evk-[0-9A-Za-z]{43}", done.out))
        self.assertEqual(len(keys), 1, done)
        (key,) = keys
        self.assertIn(f"curl http://127.0.0.1:{self.port}/v1/", done.out)
        self.assertIn("60 requests a minute · $0.50 a day · then local providers", done.out)
        self.assertIn("first key", done.err)
        self.assertNotIn(key, done.err)
        (listed,) = self.keys()
        self.assertEqual(listed["name"], "bot")
        self.assertEqual(listed["limits"]["requests_per_minute"], 60)
        self.assertTrue(key.startswith(listed["prefix"]))
        self.assertNotIn(key, repr(listed))
        for file in (self.dir / "data").rglob("*"):
            if file.is_file():
                self.assertNotIn(key.encode(), file.read_bytes(), file)

    def test_scripts_get_the_key_alone_or_json(self):
        quiet = self.create("one", "--quiet")
        self.assertRegex(quiet.out, r"\Ask-evk-[0-9A-Za-z]{43}\n\Z")
        self.assertEqual(quiet.err, "")
        made = self.create("two", "--scope", "metrics", "--json").json()
        self.assertRegex(made["key"], r"\Ask-evk-[0-9A-Za-z]{43}\Z")
        self.assertEqual(made["scopes"], ["metrics"])
        self.assertFalse(made["first"])

    def test_a_running_daemon_knows_of_keys_at_once_and_after_kill_9(self):
        daemon = self.serve()
        self.create("bot")
        self.create("web")
        done = self.run_program("key", "revoke", "bot")
        self.assertEqual(done.code, 0, done)
        self.assertIn("revoked: bot", done.out)
        self.assertEqual([key["name"] for key in self.keys()], ["web"])
        self.kill(daemon)
        self.serve()
        self.assertEqual([key["name"] for key in self.keys()], ["web"])
        self.assertEqual([key["state"] for key in self.keys("--all")], ["revoked", "in use"])

    def test_what_cannot_be_says_so_with_its_exit_code(self):
        self.create("bot")
        again = self.run_program("key", "create", "bot")
        self.assertEqual(again.code, 65, again)
        self.assertIn("'bot' is in use", again.err)
        self.assertNotRegex(again.out + again.err, r"sk-evk-[0-9A-Za-z]{43}")
        self.assertEqual(self.run_program("key", "revoke", "nobody").code, 66)
        self.assertEqual(self.run_program("key", "create", "x", "--concurrent", "0").code, 64)
        scope = self.run_program("key", "create", "x", "--scope", "chats")
        self.assertEqual(scope.code, 65, scope)
        self.assertIn("chat, responses, embeddings", scope.err)
        budget = self.run_program("key", "create", "x", "--downgrade")
        self.assertEqual(budget.code, 65, budget)
        self.assertIn("budget", budget.err)

    def test_without_a_key_only_this_machine_may_listen(self):
        file = self.dir / "evenkeel.toml"
        file.write_text(file.read_text().replace("127.0.0.1:", "0.0.0.0:", 1))
        refused = self.run_program("serve")
        self.assertEqual(refused.code, 65, refused)
        self.assertIn("evenkeel key create NAME", refused.err)
        self.create("bot")
        self.serve()
        self.assertEqual([key["name"] for key in self.keys()], ["bot"])

    def test_cost_is_told_by_key(self):
        self.assertEqual(self.ask("hello?").code, 0)
        cost = self.run_program("cost", "--by-key", "--json").json()
        self.assertEqual([line["name"] for line in cost["by_key"]], [None])
        self.assertEqual(cost["by_key"][0]["tries"], cost["total"]["tries"])
        self.assertIn("no key", self.run_program("cost", "--by-key").out)
