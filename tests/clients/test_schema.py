"""docs/openapi.yaml against what is served: requests that fit it and requests that do not."""
import os
import pathlib
import subprocess
import sys

from stage import ClientCase

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
EXAMPLES = os.environ.get("EVENKEEL_SCHEMA_EXAMPLES", "15")


class Schema(ClientCase):
    def test_the_document_is_true(self):
        # The same answers in less time.
        self.practice.both("slow-1ms")
        self.check("examples,coverage")
        # Chance puts integers beyond 64 bits into members that are the provider's to judge, and he refuses them.
        self.check("fuzzing", "--exclude-checks", "positive_data_acceptance")

    def check(self, phases, *flags):
        done = subprocess.run(
            [pathlib.Path(sys.executable).with_name("st"), "run", DOCUMENT, "--url", self.root, "--workers", "4",
             "--phases", phases, "--max-examples", EXAMPLES, "--generation-deterministic", "--no-color", *flags],
            capture_output=True, text=True, timeout=300, cwd=self.dir, env=self.bare_env())
        self.assertEqual(done.returncode, 0, done.stdout[-12000:] + done.stderr[-2000:])
