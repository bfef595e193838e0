"""Systems under test: nginx and HAProxy as plain proxies, and whatever a JSON file describes."""
import json
import os
import re
import shutil
import signal
import subprocess
import time

from machine import cpu_ns, end, free_port, http_status, memory, spawn, tree

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(os.path.dirname(HERE), "build", "release", "evenkeel")
PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


class Skip(Exception):
    """This system cannot be measured here."""


def load(path):
    with open(path) as file:
        return json.load(file), os.path.dirname(os.path.abspath(path))


def builtin():
    return [load(os.path.join(HERE, "systems", name + ".json")) for name in ("nginx", "haproxy")]


class System:
    """One system of a description; bench/README.md says what may stand in it."""

    def __init__(self, spec, folder, bench):
        self.spec, self.name, self.bench, self.folder = spec, spec["name"], bench, folder
        self.dir = os.path.join(bench.base, re.sub(r"[^A-Za-z0-9_.-]", "_", self.name))
        self.process, self.port, self.starts = None, None, []
        self.program = shutil.which(self.filled(spec["argv"])[0])
        if not self.program:
            raise Skip("no such program: " + self.filled(spec["argv"])[0])

    def filled(self, value):
        """`value` with its placeholders replaced."""
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        if isinstance(value, dict):
            return {key: self.filled(each) for key, each in value.items()}
        if not isinstance(value, str):
            return value
        own = {"PORT": str(self.port or 1), "UPSTREAM": f"http://127.0.0.1:{self.bench.upstream_port}",
               "UPSTREAM_PORT": str(self.bench.upstream_port), "DIR": self.dir, "SELF": self.folder,
               "NOFILE": str(self.bench.files_max), "EVENKEEL": os.environ.get("EVENKEEL", PROGRAM), "USERLINE": "user root;" if os.geteuid() == 0 else ""}

        def one(match):
            found = own.get(match[1], os.environ.get(match[1], match[2]))
            if found is None:
                raise Skip(f"the placeholder {match[0]} has no value")
            return found
        return PLACEHOLDER.sub(one, value)

    def start(self):
        """Starts it afresh; gives the seconds until its ready path answers."""
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        self.port = free_port()
        templates = self.spec.get("config_template") or []
        for template in templates if isinstance(templates, list) else [templates]:
            text = self.filled(template["content"])
            with open(os.path.join(self.dir, self.filled(template["file"])), "w") as file:
                file.write("\n".join(text) + "\n" if isinstance(text, list) else text)
        env = {**os.environ, **self.filled(self.spec.get("env", {}))}
        path, limit = self.filled(self.spec.get("ready", "/health")), float(self.spec.get("ready_timeout", 30))
        began, pause = time.monotonic(), 0.001
        with open(os.path.join(self.dir, "bench.log"), "wb") as log:
            self.process = spawn(self.filled(self.spec["argv"]), self.bench.system_core, env, cwd=self.dir, stdout=log, stderr=log)
        while not 200 <= (status := http_status(self.port, path, self.field_lines())) < 300:
            if self.process.poll() is not None or time.monotonic() - began > limit:
                with open(os.path.join(self.dir, "bench.log"), "rb") as log:
                    words = log.read()[-1500:].decode("utf-8", "replace")
                self.stop()
                raise Skip(f"not ready (last status {status}); its log ends:\n{words}")
            time.sleep(pause)
            pause = min(pause * 1.2, 0.02)
        ready = time.monotonic() - began
        time.sleep(float(self.spec.get("settle", 0.3)))
        pids = tree(self.process.pid)
        self.starts.append({"ready_s": ready, "cpu_s": cpu_ns(pids) / 1e9, "memory": memory(pids)})
        return ready

    def field_lines(self):
        return "".join(f"{name}: {value}\r\n" for name, value in self.filled(self.spec.get("headers", {})).items())

    def pids(self):
        return tree(self.process.pid) if self.process else []

    def stop(self):
        end(self.process, getattr(signal, self.spec.get("stop_signal", "SIGTERM")))
        self.process = None

    def client_env(self):
        env = {"BENCH_PATH": self.filled(self.spec.get("path", "/v1/chat/completions")),
               "BENCH_MODEL": self.filled(self.spec.get("model", "gpt-4o-mini"))}
        headers = self.filled(self.spec.get("headers", {}))
        if headers:
            env["BENCH_HEADERS"] = "\n".join(f"{name}: {value}" for name, value in headers.items())
        return env

    def version(self):
        try:
            told = subprocess.run(self.filled(self.spec["version"]), capture_output=True, text=True, timeout=60)
            match = re.search(r"\d+\.\d+(\.\d+)?[^\s,]*", told.stdout + told.stderr)
            return match[0] if match else "?"
        except (KeyError, OSError, subprocess.TimeoutExpired, Skip):
            return self.spec.get("version_text", "?")


class Direct:
    """No proxy: the mock provider itself. The floor of latency, and the ceiling of the load."""
    name = "direct"

    def __init__(self, bench):
        self.port = bench.upstream_port

    def pids(self):
        return []

    def client_env(self):
        return {}
