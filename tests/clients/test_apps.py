"""Programs and frameworks above the SDKs: the llm command, and LangChain."""
import os
import pathlib
import subprocess

from stage import ClientCase

APPS = pathlib.Path(os.environ["EVENKEEL_APPS"]) / "bin"

LANGCHAIN = """
import sys
from langchain_openai import ChatOpenAI
model = ChatOpenAI(model="practice", base_url=sys.argv[1], api_key="sk-any", max_retries=0)
if sys.argv[2] == "invoke":
    answer = model.invoke("Is anybody there?")
    print(answer.content, answer.response_metadata["finish_reason"], answer.usage_metadata["total_tokens"] > 0)
else:
    print("".join(chunk.content for chunk in model.stream("Is anybody there?")))
"""


class LangChain(ClientCase):
    def chain(self, how):
        return subprocess.run([APPS / "python", "-c", LANGCHAIN, self.v1, how], capture_output=True, text=True,
                              timeout=240, env=self.bare_env())

    def test_through_an_outage(self):
        whole = self.chain("invoke")
        self.assertEqual(whole.returncode, 0, whole.stderr)
        self.assertTrue(whole.stdout.endswith("stop True\n"), whole.stdout)
        self.cloud_down()
        streamed = self.chain("stream")
        self.assertIn("Is anybody there?", streamed.stdout, streamed.stderr)
        self.all_down()
        failed = self.chain("invoke")
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn("503 - No provider could answer", failed.stderr)


class Llm(ClientCase):
    def llm(self, *flags):
        home = self.dir / "llm"
        home.mkdir(exist_ok=True)
        (home / "extra-openai-models.yaml").write_text(
            f"- model_id: kept-afloat\n  model_name: practice\n  api_base: {self.v1}\n")
        return subprocess.run([APPS / "llm", "-m", "kept-afloat", *flags, "Is anybody there?"], capture_output=True,
                              text=True, timeout=240, stdin=subprocess.DEVNULL,
                              env=self.bare_env(LLM_USER_PATH=home, OPENAI_API_KEY="sk-any"))

    def test_through_an_outage(self):
        for flags in ((), ("--no-stream",)):
            done = self.llm(*flags)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("Is anybody there?", done.stdout)
        self.cloud_down()
        self.assertIn("Is anybody there?", self.llm().stdout)
