"""Servers that are not ours: two real Ollamas with a real small model, one of them behind nginx with TLS.

They are started once for all tests and each test puts back what it broke. What is missing is a failure, never a skip.
"""
import atexit
import contextlib
import functools
import http.client
import json
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile

from harness import Case, eventually

SETUP = pathlib.Path(__file__).parents[2] / "testing" / "real" / "setup-ollama"
CONTEXT_TOKENS = 2048
TALE = "Tell me a long story about a boat, a storm and a lighthouse."


@functools.cache
def setup():
    """Where the server and its model lie, as setup-ollama names them."""
    if subprocess.run([SETUP, "--check"], stderr=subprocess.DEVNULL).returncode != 0:
        raise AssertionError(f"the real Ollama is not built; run {SETUP} first")
    lines = subprocess.run([SETUP, "--env"], capture_output=True, text=True, check=True).stdout
    return dict(word.split("=", 1) for word in shlex.split(lines))


def model():
    return setup()["EVENKEEL_REAL_MODEL"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """A process in a group of its own, so that what it started can be ended even when it was killed itself."""

    def __init__(self, folder, name):
        self.log = folder / f"{name}.log"
        self.port = free_port()
        self.process = None

    def launch(self, command, env):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
                                            start_new_session=True)
        eventually(lambda: listens(self.port) or self.process.poll() is not None, f"{command[0]} listens")
        if self.process.poll() is not None:
            raise AssertionError(f"{command[0]} did not start:\n{self.log.read_text()[-2000:]}")

    def stop(self):
        """Ends it and all it started with SIGKILL: connections are cut, nothing is drained."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def runs(self):
        return self.process is not None and self.process.poll() is None


class Ollama(Server):
    def __init__(self, folder, name):
        super().__init__(folder, name)
        self.extra = {}

    def start(self, **extra):
        """Starts it, or starts it anew where `extra` (of its environment) is not what it runs with."""
        if self.runs() and extra == self.extra:
            return
        self.stop()
        self.extra = extra
        place = setup()
        env = {"PATH": os.environ["PATH"], "HOME": place["EVENKEEL_REAL_OLLAMA_HOME"], "OLLAMA_NO_CLOUD": "1",
               "OLLAMA_MODELS": place["EVENKEEL_REAL_OLLAMA_MODELS"], "OLLAMA_HOST": f"127.0.0.1:{self.port}",
               "OLLAMA_CONTEXT_LENGTH": str(CONTEXT_TOKENS), "OLLAMA_KEEP_ALIVE": "1h", "OLLAMA_NOPRUNE": "1", **extra}
        self.launch([place["EVENKEEL_REAL_OLLAMA"], "serve"], env)

    def post(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        if reply.status != 200:
            raise AssertionError(f"{path}: {reply.status} {text!r}")
        return json.loads(text)

    def warm(self):
        """Loads the model with the window that the program will ask for."""
        self.post("/api/chat", {"model": model(), "messages": [], "options": {"num_ctx": CONTEXT_TOKENS}})

    def cool(self):
        self.post("/api/chat", {"model": model(), "messages": [], "keep_alive": 0})
        eventually(lambda: not self.runners(), "the model left the memory")

    def runners(self):
        """The processes in which its model runs."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue  # It ended meanwhile.
            if parent == self.process.pid and b"runner" in words:
                found.append(int(entry.name))
        return found

    def signal_runner(self, number):
        for runner in self.runners():
            with contextlib.suppress(ProcessLookupError):
                os.kill(runner, number)

    def sent(self):
        """Bytes that its open connections have sent. It says nothing before the first word of an answer."""
        lines = subprocess.run(["ss", "-tinH", "state", "established", "sport", "=", f":{self.port}"],
                               capture_output=True, text=True, check=True).stdout
        return sum(int(word.partition(":")[2]) for word in lines.split() if word.startswith("bytes_sent:"))

    def requests(self, path):
        """The status of each request to `path` that it has ended, from its own log."""
        return [line.split("|")[1].strip() for line in self.log.read_text().splitlines()
                if line.startswith("[GIN]") and f'"{path}"' in line]


class Authority:
    """A certificate authority for one run of the tests, and certificates by it for this machine."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.certificate = folder / f"{name}.pem"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                      "2", "-subj", f"/CN=Evenkeel test {name}", "-keyout", folder / f"{name}.key", "-out",
                      self.certificate)

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def issue(self):
        """Certificate and key for localhost and 127.0.0.1."""
        request, key = self.folder / f"{self.name}-server.csr", self.folder / f"{self.name}-server.key"
        certificate, names = self.folder / f"{self.name}-server.pem", self.folder / f"{self.name}-names"
        names.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                      "/CN=localhost", "-keyout", key, "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey",
                      self.folder / f"{self.name}.key", "-CAcreateserial", "-days", "2", "-extfile", names, "-out",
                      certificate)
        return certificate, key


class Nginx(Server):
    """TLS in front of an Ollama, as in front of any API: what stands behind it looks like a cloud."""

    def __init__(self, folder, authority, upstream):
        super().__init__(folder, "nginx")
        self.folder = folder
        certificate, key = authority.issue()
        (folder / "nginx.conf").write_text(f"""
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/nginx-access.log;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{self.port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{
            proxy_pass http://127.0.0.1:{upstream.port};
            proxy_http_version 1.1;
            proxy_buffering off;
            proxy_read_timeout 120s;
        }}
    }}
}}
""")

    def start(self):
        if not self.runs():
            self.launch(["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e",
                         str(self.folder / "nginx-error.log")], dict(os.environ))


class Servers:
    def __init__(self):
        folder = self.folder = pathlib.Path(tempfile.mkdtemp(prefix="evenkeel-real-"))
        self.parts = []
        atexit.register(self.end)
        self.authority, self.stranger = Authority(folder, "authority"), Authority(folder, "stranger")
        self.cloud, self.local = Ollama(folder, "cloud"), Ollama(folder, "local")
        self.nginx = Nginx(folder, self.authority, self.cloud)
        self.parts = [self.nginx, self.cloud, self.local]

    def start(self):
        for part in self.parts:
            part.start()

    def stop(self):
        for part in self.parts:
            part.stop()

    def end(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@functools.cache
def servers():
    return Servers()


class RealCase(Case):
    """A test between a cloud that is a real Ollama behind nginx and TLS, and a local one asked in its own dialect."""

    def setUp(self):
        super().setUp()
        self.servers = servers()
        self.cloud, self.local, self.nginx = self.servers.cloud, self.servers.local, self.servers.nginx
        self.servers.start()
        for ollama in (self.cloud, self.local):
            ollama.signal_runner(signal.SIGCONT)
            ollama.warm()
        self.settings()

    def settings(self, max_tokens=24, host="localhost", cloud="", local="", cloud_model=None, local_model=None,
                 ca=None):
        (self.dir / "evenkeel.toml").write_text(f"""
[chat]
system_prompt = ""
max_tokens = {max_tokens}
temperature = 0

[[provider]]
name = "cloud"
kind = "openai"
base_url = "https://{host}:{self.nginx.port}/v1"
ca_file = "{ca or self.servers.authority.certificate}"
api_key_env = "NANOGPT_API_KEY"
model = "{cloud_model or model()}"
context_tokens = {CONTEXT_TOKENS}
local = false
price_input = 0.15
price_output = 0.60
first_content_timeout = "20s"
{cloud}

[[provider]]
name = "local"
kind = "ollama"
base_url = "http://127.0.0.1:{self.local.port}"
model = "{local_model or model()}"
context_tokens = {CONTEXT_TOKENS}
{local}
""")

    def ask_json(self, question, *flags, code=0):
        done = self.ask(question, "--json", *flags, limit_s=90)
        self.assertEqual(done.code, code, done)
        return done.json()

    def conversation(self, name):
        done = self.run_program("conversation", "show", name, "--json")
        self.assertEqual(done.code, 0, done)
        return done.json()["messages"]

    def assert_whole(self, answer, provider, finish=("stop", "length")):
        self.assertEqual(answer["provider"], provider, answer)
        self.assertEqual(answer["degraded"], provider != "cloud", answer)
        self.assertEqual(answer["model"], model())
        self.assertTrue(answer["content"].strip(), answer)
        self.assertIn(answer["finish_reason"], finish)
        self.assertGreater(answer["tokens"]["output"], 0)
        self.assertFalse(answer["tokens"]["estimated"])
        self.assertEqual(answer["attempts"][-1]["outcome"], "answered", answer)
        self.assertEqual(answer["attempts"][-1]["provider"], provider)

    def answering(self, ollama, since, process, least=1000):
        """Waits until the answer is under way: some words have left the server, and the asker still runs."""
        def words():
            if process.poll() is not None:
                raise AssertionError(f"it ended before its answer could be broken: {process.communicate()}")
            return ollama.sent() - since >= least
        eventually(words, "the answer is under way", every_s=0.005)

    def finish(self, process, code=0):
        out, err = process.communicate(timeout=90)
        self.assertEqual(process.returncode, code, (out, err))
        return json.loads(out)
