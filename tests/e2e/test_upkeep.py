"""What an operator does by hand: look again, try again, export, back up and restore, and start as the unit file does."""
import json
import os
import pathlib
import pwd
import shlex
import shutil
import signal
import stat
import subprocess
import tempfile
import unittest

from harness import PROGRAM, Case, eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Upkeep(Case):
    def setUp(self):
        super().setUp()
        self.use_practice()

    def answer(self, question, conversation="garden"):
        done = self.ask(question, "--conversation", conversation, "--json")
        self.assertEqual(done.code, 0, done)
        return done.json()["id"]

    def leave_waiting(self, question, conversation="garden", env=None):
        self.practice.both("refuse")
        done = self.ask(question, "--conversation", conversation, "--json", env=env)
        self.assertEqual(done.code, 75, done)
        return done.json()["id"]

    def test_retry_revives_what_has_expired_and_refuses_what_was_answered(self):
        settings = self.dir / "evenkeel.toml"
        settings.write_text(settings.read_text() + '\n[queue]\nttl = "3s"\n')
        expired = self.leave_waiting("still wanted?")
        self.serve()
        eventually(lambda: self.show(expired)["state"] == "expired", "it expires")
        self.practice.both("healthy")
        eventually(lambda: "closed" in {p["phase"] for p in self.run_program("status", "--json").json()["providers"]}, "one is back")
        done = self.run_program("queue", "retry", expired[:18])
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.out, f"due now: {expired} (queued)\n")
        view = eventually(lambda: (v := self.show(expired))["state"] not in ("queued", "working") and v, "it ends")
        self.assertEqual(view["state"], "answered", view)
        answered = self.answer("and this?", "other")
        again = self.run_program("queue", "retry", answered)
        self.assertEqual(again.code, 65, again)
        self.assertIn("ended already as", again.err)
        missing = self.run_program("queue", "retry", "ffffffff")
        self.assertEqual(missing.code, 66, missing)
        self.assertIn("ffffffff", missing.err)

    def test_queue_export_writes_one_object_a_line_to_a_file_and_to_a_pipe(self):
        self.answer("hello there")
        waiting = self.leave_waiting("will it rain?")
        done = self.run_program("queue", "export", "queue.jsonl")
        self.assertEqual((done.code, done.out), (0, ""), done)
        self.assertIn("2 questions written to", done.err)
        written = (self.dir / "queue.jsonl").read_text()
        lines = [json.loads(line) for line in written.splitlines()]
        self.assertEqual([(line["question"], line["state"]) for line in lines],
                         [("hello there", "delivered"), ("will it rain?", "queued")])
        self.assertIn("hello there", lines[0]["answer"])
        self.assertEqual(lines[1]["id"], waiting)
        piped = self.run_program("queue", "export", "--json")
        self.assertEqual([json.loads(line)["id"] for line in piped.out.splitlines()], [line["id"] for line in lines])
        self.assertEqual(stat.S_IMODE((self.dir / "queue.jsonl").stat().st_mode), 0o600, "it holds what people wrote")

    def test_conversation_export_is_one_json_array_with_its_figures(self):
        self.answer("hello there")
        self.answer("elsewhere", "kitchen")
        done = self.run_program("conversation", "export", "garden", "garden.json")
        self.assertEqual((done.code, done.out), (0, ""), done)
        (only,) = json.loads((self.dir / "garden.json").read_text())
        self.assertEqual(only["question"], "hello there")
        self.assertEqual(only["figures"]["provider"], "cloud")
        self.assertEqual(json.loads(self.run_program("conversation", "export", "garden").out)[0]["id"], only["id"])
        missing = self.run_program("conversation", "export", "nosuch", "x.json")
        self.assertEqual(missing.code, 66, missing)
        self.assertFalse((self.dir / "x.json").exists())

    def test_a_backup_is_taken_while_serve_runs_and_restores_everything_by_a_copy(self):
        self.answer("hello there")
        waiting = self.leave_waiting("will it rain?")
        daemon = self.serve()
        done = self.run_program("backup", "copy.db")
        self.assertEqual(done.code, 0, done)
        self.assertIn("copy.db", done.out)
        copy = self.dir / "copy.db"
        self.assertEqual(stat.S_IMODE(copy.stat().st_mode), 0o600)
        again = self.run_program("backup", "copy.db")
        self.assertEqual(again.code, 74, again)
        self.assertIn("exists already", again.err)
        self.kill(daemon)

        shutil.rmtree(self.dir / "data")  # The disk is gone. As docs/deploying.md says:
        (self.dir / "data").mkdir(mode=0o700)
        shutil.copy(copy, self.dir / "data" / "evenkeel.db")
        self.assertEqual([entry["id"] for entry in self.queue()], [waiting])
        self.practice.both("healthy")
        done = self.run_program("queue", "run", "--until-empty")
        self.assertEqual(done.code, 0, done)
        told = self.run_program("conversation", "show", "garden").out
        for words in ("hello there", "will it rain?"):
            self.assertIn(f'You asked: "{words}"', told)
        self.assertIn("All is well.", self.run_program("doctor").out)


class AsTheUnitFileSays(Case):
    """docs/systemd/evenkeel.service and docs/deploying.md, without systemd: its command line, its environment, its user."""

    def unit(self, key):
        text = (ROOT / "docs/systemd/evenkeel.service").read_text()
        return [line.partition("=")[2] for line in text.splitlines() if line.startswith(key + "=")]

    def test_its_command_line_starts_serves_and_stops(self):
        self.use_practice()
        credentials, data = self.dir / "credentials", self.dir / "state"
        credentials.mkdir(mode=0o700)
        data.mkdir(mode=0o700)
        (credentials / "nanogpt").write_text("sk-nano-canary-0123456789abcdef\n")
        (credentials / "nanogpt").chmod(0o400)
        documented = (ROOT / "docs/deploying.md").read_text().partition("```toml\n")[2].partition("```")[0]
        self.assertIn("/run/credentials/evenkeel.service/nanogpt", documented)
        for there, here in (("/run/credentials/evenkeel.service/nanogpt", str(credentials / "nanogpt")),
                            ("https://nano-gpt.com/api/v1", self.practice.places["cloud"]),
                            ("http://127.0.0.1:11434", self.practice.places["local"]),
                            ('"openai/gpt-4o-mini"', '"practice"'), ('"llama3.1:8b"', '"practice"')):
            documented = documented.replace(there, here)
        (self.dir / "evenkeel.toml").write_text(documented)

        (start,) = self.unit("ExecStart")
        program, *arguments = shlex.split(start)
        self.assertEqual(program, "/usr/local/bin/evenkeel")
        arguments = [str(self.dir / "evenkeel.toml") if a == "/etc/evenkeel/evenkeel.toml" else a for a in arguments]
        self.assertIn("EVENKEEL_DATA=/var/lib/evenkeel", self.unit("Environment"))
        env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "EVENKEEL_DATA": str(data)}  # No HOME, as under DynamicUser.
        daemon, client = [PROGRAM, *arguments], [PROGRAM, "--config", str(self.dir / "evenkeel.toml")]
        if os.geteuid() == 0:  # The service has a user of its own that owns nothing but its data.
            nobody = pwd.getpwnam("nobody")
            for path in (data, credentials, credentials / "nanogpt", self.dir, self.dir / "evenkeel.toml"):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
            public = pathlib.Path(tempfile.mkdtemp(prefix="evenkeel-unit-"))
            self.addCleanup(shutil.rmtree, public, ignore_errors=True)
            public.chmod(0o755)
            shutil.copy(PROGRAM, public / "evenkeel")
            daemon[0] = public / "evenkeel"
        as_service = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        process = subprocess.Popen(daemon, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=env, cwd="/", umask=0o077, **as_service)
        self.processes.append(process)
        eventually(lambda: (data / "control.sock").exists() or process.poll() is not None, "it is ready")
        # "Only root and the service's own user may": here root asks, where there is one.
        asked = subprocess.run([*client, "ask", "Are you there?"], capture_output=True, text=True, env=env, cwd="/", timeout=30)
        self.assertEqual(asked.returncode, 0, asked.stderr + (process.stderr.read() if process.poll() is not None else ""))
        self.assertIn("Are you there?", asked.stdout)
        state = json.loads(subprocess.run([*client, "status", "--json"], capture_output=True, text=True, env=env, cwd="/").stdout)
        self.assertEqual((state["owner"]["command"], state["owner"]["pid"]), ("serve", process.pid))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0)


if __name__ == "__main__":
    unittest.main()
