"""What every end-to-end test needs: the program under test, practice providers to steer, a place for its data.

Nothing here waits by sleeping for a fixed time: `eventually` asks again until a condition holds or a generous limit
passes, and says what it saw last.
"""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

PROGRAM = pathlib.Path(os.environ.get("EVENKEEL_PROGRAM", "build/release/evenkeel")).resolve()
LIMIT_S = 30


def eventually(condition, what, limit_s=LIMIT_S, every_s=0.02):
    """The first true value of `condition()`; fails the test with `what` after limit_s."""
    deadline = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit_s} s: {what}; last seen: {value!r}")
        time.sleep(every_s)


class Finished:
    """A command that ended: its exit code, what it wrote, how long it took."""

    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Practice:
    """A cloud and a local practice provider in a process of their own."""

    def __init__(self, env):
        self.process = subprocess.Popen([PROGRAM, "practice"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=env)
        self.places = json.loads(self.process.stdout.readline())
        self.control = self.places["control"]

    def _request(self, method, path, body=None):
        place = self.control.removeprefix("http://")
        host, _, prefix = place.partition("/")
        connection = http.client.HTTPConnection(host, timeout=LIMIT_S)
        connection.request(method, "/" + prefix + path, body and json.dumps(body), {"Content-Type": "application/json"})
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        if reply.status != 200:
            raise AssertionError(f"practice {method} {path}: {reply.status} {text!r}")
        return json.loads(text)

    def fault(self, provider, behaviour, times=0):
        self._request("POST", "fault", {"provider": f"practice-{provider}", "behaviour": behaviour, "times": times})

    def both(self, behaviour):
        self.fault("cloud", behaviour)
        self.fault("local", behaviour)

    def log(self, provider, chats_only=True):
        log = self._request("GET", f"log?provider=practice-{provider}")
        return [e for e in log if e["path"].endswith(("/chat/completions", "/api/chat"))] if chats_only else log

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Case(unittest.TestCase):
    """One test: a data directory of its own, practice providers, and the program as an operator would start it."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="evenkeel-e2e-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.processes = []
        self.addCleanup(self._end_processes)

    def _end_processes(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    stream.close()

    def bare_env(self, **extra):
        """An environment without anything of the developer's own."""
        env = {"PATH": os.environ["PATH"], "HOME": str(self.dir), "LANG": "C.UTF-8", "TZ": "UTC"}
        env.update({key: str(value) for key, value in extra.items()})
        return env

    def use_practice(self):
        """Starts practice providers and settings that name them as cloud and local model."""
        self.practice = Practice(self.bare_env())
        self.addCleanup(self.practice.stop)
        self.configure(self.practice.places["cloud"], self.practice.places["local"])

    def configure(self, cloud, local, extra=""):
        (self.dir / "evenkeel.toml").write_text(f"""
[[provider]]
name = "cloud"
kind = "openai"
base_url = "{cloud}"
api_key_env = "NANOGPT_API_KEY"
model = "practice"
price_input = 0.15
price_output = 0.60

[[provider]]
name = "local"
kind = "ollama"
base_url = "{local}"
model = "practice"
first_content_timeout = "10s"
{extra}""")

    def env(self, **extra):
        return self.bare_env(EVENKEEL_DATA=self.dir / "data", EVENKEEL_CONFIG=self.dir / "evenkeel.toml",
                             NANOGPT_API_KEY="sk-nano-canary-0123456789abcdef", **extra)

    def run_program(self, *arguments, stdin="", env=None, limit_s=LIMIT_S):
        start = time.monotonic()
        done = subprocess.run([PROGRAM, *arguments], input=stdin, capture_output=True, text=True, timeout=limit_s,
                              env=env or self.env(), cwd=self.dir)
        return Finished(done.returncode, done.stdout, done.stderr, time.monotonic() - start)

    def start(self, *arguments, env=None, stdin=subprocess.DEVNULL):
        process = subprocess.Popen([PROGRAM, *arguments], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, env=env or self.env(), cwd=self.dir)
        self.processes.append(process)
        return process

    def serve(self):
        """A daemon that is ready to be asked."""
        process = self.start("serve")
        self.wait_for_owner()
        return process

    def wait_for_owner(self):
        def answers():
            try:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(str(self.dir / "data" / "control.sock"))
                    return True
            except OSError:
                return False
        eventually(answers, "the control socket answers")

    def ask(self, question, *flags, **options):
        return self.run_program("ask", *flags, question, **options)

    def queue(self):
        done = self.run_program("queue", "list", "--json")
        self.assertEqual(done.code, 0, done)
        return done.json()

    def show(self, job):
        done = self.run_program("queue", "show", job, "--json")
        self.assertEqual(done.code, 0, done)
        return done.json()

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait()
