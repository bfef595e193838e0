"""What each test of real clients begins with: the program serving, its providers to steer, and a place to point an SDK at.

The providers are practice providers in a process of their own, or, where a test needs tools or vectors, `scripted.py`.
"""
import pathlib
import re
import socket
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from harness import LIMIT_S, Case, eventually  # noqa: E402,F401  (passed on to the tests)
from scripted import Scripted  # noqa: E402

QUESTION = [{"role": "user", "content": "Is anybody there?"}]


def free_port():
    """One that the kernel just gave out and took back."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listen_at(port):
    return f'[server]\nlisten = "127.0.0.1:{port}"\n'


class ClientCase(Case):
    """Serves in front of practice providers unless the test says otherwise."""

    scripted = False

    def setUp(self):
        super().setUp()
        if self.scripted:
            self.cloud, self.local = Scripted("openai"), Scripted("ollama")
            self.addCleanup(self.cloud.stop)
            self.addCleanup(self.local.stop)
            places = self.cloud.base_url, self.local.base_url
        else:
            self.use_practice()
            places = self.practice.places["cloud"], self.practice.places["local"]
        # Whoever runs beside this test may take the port first.
        for _ in range(3):
            self.configure(*places, listen_at(free_port()))
            self.root, said = self._serve()
            if self.root:
                break
        else:
            self.fail(f"serve did not start: {said}")
        self.v1 = self.root + "/v1"

    def _serve(self):
        """Where it listens, which it says once it does, and what it said until then."""
        process = self.start("serve")
        said = []
        for line in process.stderr:
            said.append(line)
            found = re.search(r"listens at (?:http://)?([0-9.:]+)", line)
            if found:
                # Nobody reads on: a full pipe must not stop the daemon.
                threading.Thread(target=process.stderr.read, daemon=True).start()
                return "http://" + found.group(1), said
        return None, "".join(said)

    def cloud_down(self):
        self.practice.fault("cloud", "refuse")

    def all_down(self):
        self.practice.both("refuse")

    def all_back(self):
        self.practice.both("healthy")
