#!/usr/bin/env python3
"""Measures what Evenkeel promises in figures, on this machine in one run, and prints a Markdown table.

figures.py [--program PATH] [--bench DIR] [--samples N] [--only MEASUREMENT]

Everything runs on loopback against practice providers. --bench: where store_bench and fill_store were built.
Exit code 1 if a goal was missed.
"""
import argparse
import contextlib
import json
import os
import pathlib
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/chaos")]

OPEN_AFTER = 3          # Fast failures in a row that open a breaker: so many samples each daemon gives.
START_WITHIN_S = 20
CONNECT_LIMIT_S = FIRST_CONTENT_LIMIT_S = 1.0
OUTAGE_S = 5.0
QUEUED = 100_000
MEASUREMENTS = ("ask_start", "sizes", "failover", "silence", "unreachable", "recovery", "receipts", "restart", "store")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def ms(seconds):
    return f"{seconds * 1000:.1f} ms"


class Daemon:
    """One `serve` with settings and data of its own."""

    def __init__(self, directory, cloud, local, cloud_extra="", extra="", fill=None):
        self.dir = pathlib.Path(tempfile.mkdtemp(dir=directory))
        cloud_section = f"""
[[provider]]
name = "cloud"
kind = "openai"
base_url = "{cloud}"
api_key_env = "NANOGPT_API_KEY"
model = "practice"
{cloud_extra}
"""
        (self.dir / "evenkeel.toml").write_text(f"""
[chat]
max_tokens = 1
{extra}
{cloud_section if cloud else ""}
[[provider]]
name = "local"
kind = "ollama"
base_url = "{local}"
model = "practice"
""")
        self.env = environment(self.dir)
        if fill:
            fill(self.dir / "data")
        self.started = time.perf_counter()
        self.process = subprocess.Popen([harness.PROGRAM, "serve", "--quiet"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.env,
                                        cwd=self.dir)
        self.control = Control(self.dir / "data" / "control.sock", timeout=60)
        self._wait()

    def _wait(self):
        while time.perf_counter() - self.started < START_WITHIN_S:
            with contextlib.suppress(OSError):
                self.control.request("GET", "/who")
                return
            time.sleep(0.002)
        raise SystemExit("serve did not become ready")

    def ask(self, question, until=("delta", "answered", "queued")):
        """Seconds to the first event of those kinds, and that event."""
        connection = UnixConnection(self.control.path, 60)
        message = json.dumps({"frontend": "figures", "conversation": question, "text": question})
        start = time.perf_counter()
        connection.request("POST", "/submit", message, Control.HEADERS)
        reply = connection.getresponse()
        while line := reply.readline():
            event = json.loads(line)
            if event.get("event") in until:
                took = time.perf_counter() - start
                connection.close()
                return took, event
        raise SystemExit(f"no {until} for {question!r}: {reply.status}")

    def answered_by(self, question):
        _, event = self.ask(question, until=("answered", "queued"))
        return event["answer"]["provider"] if event["event"] == "answered" else "queue"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def environment(directory):
    return {"PATH": os.environ["PATH"], "HOME": str(directory), "LANG": "C.UTF-8",
            "EVENKEEL_DATA": str(directory / "data"),
            "EVENKEEL_CONFIG": str(directory / "evenkeel.toml"), "NANOGPT_API_KEY": "sk-practice-0123456789"}


class Figures:
    def __init__(self, options, directory):
        self.samples, self.bench, self.dir = options.samples, pathlib.Path(options.bench), directory
        self.practice = harness.Practice(environment(directory))
        self.cloud, self.local = self.practice.places["cloud"], self.practice.places["local"]
        self.rows, self.count = [], 0

    def row(self, what, goal, measured, how, good):
        self.rows.append((what, goal, measured, how, "yes" if good else "**no**"))
        print(f"{what}: {measured}", file=sys.stderr, flush=True)

    def question(self):
        self.count += 1
        return f"question {self.count}"

    def daemon(self, **options):
        return Daemon(self.dir, options.pop("cloud", self.cloud), self.local, **options)

    def first_words(self, cloud, each):
        """One fresh daemon with fresh data: its first `each` questions, and how long each waited for its first word."""
        with self.daemon(cloud=cloud) as daemon:
            asked = {question: daemon.ask(question) for question in (self.question() for _ in range(each))}
        if any(event["event"] == "queued" for _, event in asked.values()):
            raise SystemExit("queued where the fallback should have answered")
        return {question: took for question, (took, _) in asked.items()}

    def on_the_wire(self, questions):
        """Seconds from the end of the failed reply to the arrival of the same question at the fallback."""
        ended = {entry["question"]: entry["ended_ms"] for entry in self.practice.log("cloud")}
        arrived = {entry["question"]: entry["at_ms"] for entry in self.practice.log("local")}
        return [(arrived[question] - ended[question]) / 1000 for question in questions]

    def refused(self):
        """Nobody sees a refused connection but the kernel: all of the time above that of a route without the cloud."""
        times, own = [], []
        while len(times) < self.samples:
            times += self.first_words(self.cloud, OPEN_AFTER).values()
            own += self.first_words(None, OPEN_AFTER).values()
        return [took - statistics.median(own) for took in times]

    def failover(self):
        worst50, worst99, parts = 0, 0, []
        for behaviour in ("refuse", "reset", "status-503", "status-502-html", "html", "status-401"):
            self.practice.fault("cloud", behaviour)
            if behaviour == "refuse":
                added = self.refused()
            else:
                questions = []
                while len(questions) < self.samples:
                    questions += self.first_words(self.cloud, 1 if behaviour == "status-401" else OPEN_AFTER)
                added = self.on_the_wire(questions)
            p50, p99 = percentile(added, 0.50), percentile(added, 0.99)
            parts.append(f"{behaviour} {ms(p50)} / {ms(p99)}")
            worst50, worst99 = max(worst50, p50), max(worst99, p99)
        self.row("fail-over on hard failures, p50 / p99", "≤ 5 ms / ≤ 50 ms", "; ".join(parts),
                 f"≥ {self.samples} each, on fresh daemons so that no breaker is open: end of the failed reply → arrival "
                 "at the fallback, by the providers' logs, to 1 ms; refuse: first word, less the median of a route "
                 "without the cloud",
                 worst50 <= 0.005 and worst99 <= 0.050)

    def silence(self):
        limit = f'first_content_timeout = "{FIRST_CONTENT_LIMIT_S:g}s"'
        self.practice.fault("cloud", "silence")
        firsts, seconds, reached = [], [], 0
        for _ in range(5):
            with self.daemon(cloud_extra=limit) as daemon:
                firsts.append(daemon.ask(self.question())[0])
                later = [self.question() for _ in range(20)]
                seconds += [daemon.ask(question)[0] for question in later]
                log = self.practice.log("cloud")
                reached += sum(entry["question"] in later for entry in log)
        self.row("silent provider, first message", f"limit ({FIRST_CONTENT_LIMIT_S:g} s) + 0.3 s",
                 f"limit + {ms(max(firsts) - FIRST_CONTENT_LIMIT_S)}",
                 "slowest of 5, the fallback's own 20 ms included", max(firsts) <= FIRST_CONTENT_LIMIT_S + 0.3)
        self.row("later messages in a silent outage", "none waits for the dead provider",
                 f"{reached} of {len(seconds)} reached it; slowest {ms(max(seconds))}", "its own log of questions",
                 reached == 0)

    def unreachable(self):
        with black_hole() as port, contextlib.ExitStack() as stack:
            times, later = [], []
            for _ in range(5):
                daemon = stack.enter_context(self.daemon(cloud=f"http://127.0.0.1:{port}/v1",
                                                         cloud_extra=f'connect_timeout = "{CONNECT_LIMIT_S:g}s"'))
                times.append(daemon.ask(self.question())[0])
                later += [daemon.ask(self.question())[0] for _ in range(5)]
        self.row("unreachable host, first message", f"limit ({CONNECT_LIMIT_S:g} s) + 0.3 s",
                 f"limit + {ms(max(times) - CONNECT_LIMIT_S)}",
                 f"slowest of 5 against a listener whose backlog is full; later messages: slowest {ms(max(later))}",
                 max(times) <= CONNECT_LIMIT_S + 0.3 and max(later) < 0.3)

    def recovery(self):
        times = []
        for behaviour in ("refuse", "status-503", "silence"):
            self.practice.fault("cloud", behaviour)
            with self.daemon(cloud_extra='first_content_timeout = "1s"') as daemon:
                end = time.perf_counter() + OUTAGE_S
                while time.perf_counter() < end:
                    daemon.answered_by(self.question())
                    time.sleep(0.2)
                self.practice.fault("cloud", "healthy")
                back = time.perf_counter()
                while daemon.answered_by(self.question()) != "cloud":
                    time.sleep(0.05)
                times.append((behaviour, time.perf_counter() - back))
        self.row(f"back on the primary after {OUTAGE_S:g} s", "≤ 3 s", "; ".join(f"{b} {t:.1f} s" for b, t in times),
                 "provider healthy → first answer by it, asked every 50 ms", all(t <= 3 for _, t in times))

    def receipts(self):
        self.practice.both("status-503")
        closed = []
        for _ in range(10):
            with self.daemon() as daemon:
                closed.append(daemon.ask(self.question(), until=("queued",))[0])
        self.row("receipt when both are down, after the last one gave up", "≤ 50 ms", f"≤ {ms(max(closed))}",
                 "slowest of 10, counted from the question: both refusals included", max(closed) <= 0.050)
        with self.daemon() as daemon:
            for _ in range(2 * OPEN_AFTER):
                daemon.ask(self.question(), until=("queued",))
            times = [daemon.ask(self.question(), until=("queued",))[0] for _ in range(self.samples)]
        self.row("receipt when both breakers are open, p50 / p99", "p99 ≤ 100 ms",
                 f"{ms(percentile(times, 0.5))} / {ms(percentile(times, 0.99))}",
                 f"{len(times)} questions, one after the other", percentile(times, 0.99) <= 0.100)
        self.practice.both("healthy")

    def ask_start(self):
        with OneWordProvider() as provider:
            directory = pathlib.Path(tempfile.mkdtemp(dir=self.dir))
            (directory / "evenkeel.toml").write_text(
                f'[[provider]]\nname = "cloud"\nkind = "openai"\nbase_url = "{provider.url}"\n'
                'api_key_env = "NANOGPT_API_KEY"\nmodel = "practice"\n')
            env, times = environment(directory), []
            for number in range(25):
                start = time.perf_counter()
                done = subprocess.run([harness.PROGRAM, "ask", f"question {number}"], stdin=subprocess.DEVNULL,
                                      capture_output=True, env=env, cwd=directory, timeout=30)
                if done.returncode != 0:
                    raise SystemExit(f"ask: {done}")
                times.append(provider.arrivals[-1] - start)
        warm = times[5:]
        self.row("`ask`: start → request on the wire", "≤ 20 ms",
                 f"{ms(statistics.median(warm))} ({ms(min(warm))} to {ms(max(warm))})",
                 "median of 20 after 5 warm-ups, existing directory, plain loopback; starting the process is included",
                 statistics.median(warm) <= 0.020)

    def sizes(self):
        with self.daemon() as daemon:
            time.sleep(2)
            status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
        resident = int(status.split("VmRSS:")[1].split()[0]) / 1024
        parts = {key: int(status.split(key + ":")[1].split()[0]) / 1024 for key in ("RssAnon", "RssFile")}
        self.row("idle `serve`, resident", "≤ 15 MiB", f"{resident:.1f} MiB", "VmRSS after 2 s; of it "
                 f"{parts['RssAnon']:.1f} MiB of its own, the rest mapped files", resident <= 15)
        stripped = self.dir / "stripped"
        subprocess.run(["strip", "-o", stripped, harness.PROGRAM], check=True)
        size = stripped.stat().st_size / 2**20
        self.row("binary, stripped", "≤ 12 MiB", f"{size:.1f} MiB", "strip", size <= 12)

    def restart(self):
        self.practice.both("silence")

        def fill(directory):
            directory.mkdir(mode=0o700)
            subprocess.run([self.bench / "fill_store", directory / "evenkeel.db", str(QUEUED)], check=True)
        with self.daemon(fill=fill) as daemon:
            waiting = daemon.control.call("status")
            ready = time.perf_counter() - daemon.started
            held = waiting["queue"]["queued"] + waiting["queue"].get("working", 0)
            if held < QUEUED:
                raise SystemExit(f"{held} queued instead of {QUEUED}")
        self.row(f"restart with {QUEUED:,} queued", "ready ≤ 1 s", f"{ready:.2f} s",
                 "start of the process → `status` counted them over the control socket", ready <= 1)
        self.practice.both("healthy")

    def store(self):
        done = subprocess.run([self.bench / "store_bench", self.dir], capture_output=True, text=True, check=True,
                              timeout=600)
        for what, ratio, spread, goal in re.findall(r"^(.*?) +([\d.]+) (\(.*\)), goal ([\d.]+)$", done.stdout, re.M):
            self.row("durable accepts, " + what, f"≥ {goal} ×", f"{ratio} × {spread}",
                     "store_bench: median of 7 interleaved pairs", float(ratio) >= float(goal))

    def table(self):
        lines = ["| what | goal | measured | how | reached |", "|---|---|---|---|---|"]
        return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in self.rows])


@contextlib.contextmanager
def black_hole():
    """A port that never answers a SYN: it listens, and its queue of connections is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(listener.getsockname())
        probe = stack.enter_context(socket.socket())
        probe.settimeout(0.5)
        try:
            probe.connect(listener.getsockname())
            raise SystemExit("the backlog is not full: this kernel needs another black hole")
        except TimeoutError:
            pass
        yield listener.getsockname()[1]


class OneWordProvider:
    """Answers each chat with one word and keeps when the request's first bytes came."""

    CHUNK = ('{"id":"1","object":"chat.completion.chunk","created":1,"model":"practice",'
             '"choices":[{"index":0,"delta":%s,"finish_reason":%s}]}')

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1"
        self.arrivals = []
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        word, finish = self.CHUNK % ('{"role":"assistant","content":"Yes."}', "null"), self.CHUNK % ("{}", '"stop"')
        body = "".join(f"data: {piece}\n\n" for piece in (word, finish, "[DONE]"))
        page = ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}")
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with connection:
                    if connection.recv(65536).startswith(b"POST"):
                        self.arrivals.append(time.perf_counter())
                        connection.sendall(page.encode())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.close()


def machine():
    names = re.findall(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    cpu = names[0] if names else platform.machine()
    return f"{os.cpu_count()} × {cpu}, Linux {platform.release()}, load {os.getloadavg()[0]:.1f} at the start"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/evenkeel")
    parser.add_argument("--bench", default="build/release/bench")
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--only", choices=MEASUREMENTS, help="one of them")
    options = parser.parse_args()
    os.environ["EVENKEEL_PROGRAM"] = str(pathlib.Path(options.program).resolve())
    options.bench = str(pathlib.Path(options.bench).resolve())
    global harness, Control, UnixConnection
    import harness
    from control_client import Control, UnixConnection

    print(f"Measured {time.strftime('%Y-%m-%d')} on {machine()}.\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="evenkeel-figures-") as directory:
        figures = Figures(options, pathlib.Path(directory))
        try:
            for name in MEASUREMENTS:
                if not options.only or options.only == name:
                    getattr(figures, name)()
        finally:
            figures.practice.stop()
        print(figures.table())
    return 0 if all(row[-1] == "yes" for row in figures.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
