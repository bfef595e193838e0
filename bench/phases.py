"""What is measured of one system: loads of requests and streams, memory of open streams, system calls."""
import os
import re
import resource
import select
import shutil
import signal
import subprocess
import tempfile
import time

from machine import busy_ticks, cpu_ns, end, free_port, http_status, memory, own_cpu_ns, spawn, TICKS
from systems import HERE

PHASES = {  # name: what is counted
    "req2": "requests", "req32": "requests", "wrongkey": "requests", "sse20": "events", "sse200": "events",
    "evlat": "events", "ttft": "events",
}
ENDLESS = 10 ** 9
PROGRAMS = ("load_client", "mock_provider", "idle_spin")


class Bench:
    """The load, the mock provider and the idle spinners on one core; the system on the other."""

    def __init__(self, options):
        self.options = options
        self.base = tempfile.mkdtemp(prefix="evenkeel-bench-")
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.files_max = min(hard, 65536)
        cores = sorted(os.sched_getaffinity(0))
        self.load_core, self.system_core = (cores[0], cores[-1]) if len(cores) > 1 else (None, None)
        self.upstream, self.spinners = None, []
        self.upstream_port = free_port()
        self.run_s = 0.4 if options.quick else options.run_s
        self.held = options.hold or (500 if options.quick else 2000)

    def program(self, name):
        return os.path.join(self.base, name)

    def build(self):
        compiler = shutil.which("clang++-19") or shutil.which("g++")
        for name in PROGRAMS:
            subprocess.run([compiler, "-O2", "-std=c++23", "-I", os.path.dirname(HERE), "-o", self.program(name),
                            os.path.join(HERE, name + ".cpp")], check=True)

    def start(self):
        self.upstream = spawn([self.program("mock_provider"), str(self.upstream_port)], self.load_core)
        for _ in range(500):
            if http_status(self.upstream_port, "/health") == 200:
                break
            time.sleep(0.01)
        else:
            raise SystemExit("the mock provider did not start")
        if not self.options.no_spin:
            self.spinners = [spawn([self.program("idle_spin"), "86400"], core)
                             for core in (self.load_core, self.system_core) if core is not None]
        for spinner in self.spinners:
            try:  # With autogroups a session is weighed as a whole: SCHED_IDLE alone would still take half a core.
                with open(f"/proc/{spinner.pid}/autogroup", "w") as file:
                    file.write("19")
            except OSError:
                pass
        self.spin(False)

    def spin(self, on):
        for spinner in self.spinners:
            spinner.send_signal(signal.SIGCONT if on else signal.SIGSTOP)

    def close(self):
        self.spin(True)
        for process in [*self.spinners, self.upstream]:
            end(process)
        if not self.options.keep:
            shutil.rmtree(self.base, ignore_errors=True)

    def client(self, system, mode, connections, total, kilobytes, events=0, pause_us=0, timeout=180, **env):
        words = [self.program("load_client"), mode, str(system.port), str(connections), str(total), str(kilobytes),
                 str(events), str(pause_us)]
        process = spawn(words, self.load_core, {**os.environ, **system.client_env(), **{k: str(v) for k, v in env.items()}},
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        result = {name: float(value) for name, value in re.findall(r"(\w+)=([0-9.]+)", out.splitlines()[-1] if out else "")}
        if "finished" not in result:
            raise RuntimeError("the load client failed: " + err.strip()[-300:])
        result["stderr"] = err.strip()[-300:]
        return result

    def measured(self, system, run):
        pids, tools = system.pids(), [self.upstream.pid, *(spinner.pid for spinner in self.spinners)]
        before = busy_ticks(), time.monotonic(), cpu_ns(pids), cpu_ns(tools), own_cpu_ns()
        result = run()
        own, cpu, tool = own_cpu_ns() - before[4], cpu_ns(pids) - before[2], cpu_ns(tools) - before[3]
        wall, ticks = time.monotonic() - before[1], busy_ticks()
        busy = sum(ticks[core] - before[0].get(core, 0) for core in ticks) / TICKS
        result["cpu_s"] = cpu / 1e9
        result["noise"] = max(0.0, (busy - (cpu + tool + own) / 1e9) / (wall * len(ticks)))
        return result

    def phase(self, system, name):
        run, quick = self.run_s, self.options.quick
        self.spin(not name.startswith("req"))  # A core at its limit does not halt.
        loads = {
            "req2": lambda: self.client(system, "req", 32, ENDLESS, 2, BENCH_RUN_S=run),
            "req32": lambda: self.client(system, "req", 32, ENDLESS, 32, BENCH_RUN_S=run),
            "wrongkey": lambda: self.client(system, "req", 32, ENDLESS, 2, BENCH_RUN_S=run, BENCH_STATUS=401,
                                            BENCH_HEADERS="Authorization: Bearer sk-wrong"),
            "sse20": lambda: self.client(system, "sse", 64, ENDLESS, 2, 200, 2000, BENCH_RUN_S=run, BENCH_TOK=21),
            "sse200": lambda: self.client(system, "sse", 64, ENDLESS, 2, 200, 2000, BENCH_RUN_S=run, BENCH_TOK=200),
            "evlat": lambda: self.client(system, "sse", 16, 16, 2, 25 if quick else 60, 20000),
            "ttft": lambda: self.client(system, "sse", 1, 60 if quick else 300, 2, 2, 100, BENCH_THINK_US=1000,
                                        BENCH_FIRST=1, BENCH_RUN_S=4),
        }
        result = self.measured(system, loads[name])
        self.spin(False)
        units = result["finished"] if PHASES[name] == "requests" else result["events"]
        if units and system.pids():
            result["cpu_us"] = result["cpu_s"] * 1e6 / units
        result["wrong"] = result["err"] + result["nodone"]
        return result

    def hold(self, system):
        """A fresh instance, warmed up, then so many streams held open: memory without and with them."""
        system.start()
        try:
            self.client(system, "req", 4, 50, 2)
            self.client(system, "sse", 4, 20, 2, 5, 1000)
            time.sleep(0.5)
            before = memory(system.pids())
            words = [self.program("load_client"), "hold", str(system.port), str(self.held), str(ENDLESS), "2", "100000",
                     "60000000", "90"]
            process = spawn(words, self.load_core, {**os.environ, **system.client_env(), "BENCH_FIRST": "1"},
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            open_streams = self.opened(process)
            time.sleep(1.0)
            during = memory(system.pids())
            end(process)
            return {"streams": open_streams, "pss_b": (during["pss"] - before["pss"]) * 1024 / max(1, open_streams)}
        finally:
            system.stop()

    def opened(self, process):
        text, got, limit = "", 0, time.monotonic() + (30 if self.options.quick else 60)
        while time.monotonic() < limit and process.poll() is None:
            if select.select([process.stdout], [], [], 0.05)[0]:
                text += os.read(process.stdout.fileno(), 65536).decode()
            for _, heads, errors in re.findall(r"(OPEN|GOT) (\d+) err (\d+)", text):
                got = int(heads) - int(errors)
            if "OPEN " in text:
                break
        return got

    def syscalls(self, system):
        """Counts of strace over the whole tree of a fresh instance, divided by requests or events."""
        system.start()
        loads = {"req_1conn": ("req", 1, 300, 2), "req_32conn": ("req", 32, 1600, 2), "sse_16streams": ("sse", 16, 16, 2, 100, 4000)}
        result = {}
        try:
            self.client(system, "req", 8, 100, 2)
            for name, load in loads.items():
                report = self.program("strace.txt")
                argv = ["strace", "-c", "-f", "-o", report]
                for pid in system.pids():
                    argv += ["-p", str(pid)]
                tracer = spawn(argv, self.load_core, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(1.0)
                try:
                    done = self.client(system, *load, timeout=90, BENCH_RUN_S=20)
                finally:
                    end(tracer, signal.SIGINT)
                with open(report) as file:
                    words = [line.split() for line in file]
                calls = sum(int(w[3]) for w in words
                            if len(w) >= 5 and re.fullmatch(r"[\d.]+", w[0]) and w[-1] != "total" and w[3].isdigit())
                result[name] = calls / max(1, done["events" if load[0] == "sse" else "finished"])
            return result
        finally:
            system.stop()
