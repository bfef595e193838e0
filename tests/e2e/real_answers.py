"""Plain questions to real servers: who answers, in what shape, streamed or not, with what was said before."""
import os
import pty
import select
import signal
import time

from harness import PROGRAM, eventually
from real_servers import RealCase, TALE, model


class Answers(RealCase):
    def test_the_cloud_answers_over_tls(self):
        for host in ("localhost", "127.0.0.1"):
            with self.subTest(host):
                self.settings(host=host)
                answer = self.ask_json("What is the capital of France?")
                self.assert_whole(answer, "cloud")
                self.assertEqual(len(answer["attempts"]), 1)
                self.assertGreater(answer["tokens"]["input"], 5)
                self.assertGreater(answer["cost_usd"], 0)
                self.assertLessEqual(answer["first_token_ms"], answer["latency_ms"])

    def test_the_local_model_answers_in_its_own_dialect(self):
        self.nginx.stop()
        answer = self.ask_json("What is the capital of France?")
        self.assert_whole(answer, "local")
        self.assertEqual((answer["attempts"][0]["outcome"], answer["attempts"][0]["class"]), ("failed", "transient"))
        self.assertGreater(answer["tokens"]["input"], 5)

    def test_both_say_the_same_and_a_pipe_gets_the_answer_alone(self):
        question = "What is the capital of France?"
        by_json = self.ask_json(question)
        plain = self.ask(question)
        self.assertEqual((plain.code, plain.out), (0, by_json["content"] + "\n"), plain)
        streamed = self.ask(question, "--stream")
        self.assertEqual((streamed.code, streamed.out), (0, by_json["content"] + "\n"), streamed)
        self.nginx.stop()
        self.assertEqual(self.ask(question).out, plain.out, "the same model with the same settings said something else")

    def test_an_answer_that_meets_the_limit_says_so(self):
        self.settings(max_tokens=7)
        for provider in ("cloud", "local"):
            with self.subTest(provider):
                if provider == "local":
                    self.nginx.stop()
                answer = self.ask_json(TALE)
                self.assert_whole(answer, provider, finish=("length",))
                self.assertEqual(answer["tokens"]["output"], 7)

    def test_words_come_one_by_one_from_each(self):
        self.settings(max_tokens=40)
        for provider in ("cloud", "local"):
            with self.subTest(provider):
                if provider == "local":
                    self.nginx.stop()
                pieces = self.pieces_of("ask", "--stream", TALE)
                self.assertGreater(len(pieces), 5, pieces)

    def pieces_of(self, *arguments):
        """What each read from its standard output gave, as it came."""
        process = self.start(*arguments)
        pieces = []
        while piece := os.read(process.stdout.fileno(), 65536):
            pieces.append(piece)
        self.assertEqual(process.wait(timeout=30), 0, process.stderr.read())
        return pieces

    def test_a_conversation_carries_on_across_turns_and_providers(self):
        self.settings(max_tokens=12)
        first = self.ask_json("My name is Ada.", "--conversation", "ada")
        second = self.ask_json("What is my name?", "--conversation", "ada")
        alone = self.ask_json("What is my name?", "--conversation", "bob")
        self.nginx.stop()
        third = self.ask_json("And yours?", "--conversation", "ada")
        for answer, provider in ((first, "cloud"), (second, "cloud"), (alone, "cloud"), (third, "local")):
            self.assert_whole(answer, provider)
        # Each prompt holds all that was said before it, and nothing of the other conversation.
        self.assertGreater(second["tokens"]["input"], alone["tokens"]["input"] + first["tokens"]["output"] - 2)
        self.assertGreater(third["tokens"]["input"], second["tokens"]["input"] + second["tokens"]["output"] - 2)
        messages = self.conversation("ada")
        self.assertEqual([(m["question"], m["answer"]) for m in messages],
                         [("My name is Ada.", first["content"]), ("What is my name?", second["content"]),
                          ("And yours?", third["content"])])

    def test_doctor_finds_both_in_order(self):
        done = self.run_program("doctor", "--json", limit_s=60)
        self.assertEqual(done.code, 0, done)
        self.settings(local_model="nope:1b")
        missing = self.run_program("doctor", limit_s=60)
        self.assertNotEqual(missing.code, 0, missing)
        self.assertIn("nope:1b", missing.out + missing.err)


class ColdStart(RealCase):
    def test_a_cold_model_is_loaded_and_a_terminal_says_so(self):
        self.settings(local='keep_alive = "0s"', max_tokens=8)
        self.nginx.stop()
        self.local.cool()
        seen = self.on_a_terminal("ask", "Say hello.")
        self.assertIn(f"{model()} is being loaded", seen)
        self.assertIn("local", seen)
        # keep_alive 0 unloads it again: the next question is a cold start too.
        eventually(lambda: not self.local.runners(), "the model left the memory")
        self.assert_whole(self.ask_json("Say hello."), "local")

    def test_the_window_that_is_asked_for_is_the_one_that_is_loaded(self):
        """Another num_ctx would load the model anew at each question."""
        self.nginx.stop()
        (before,) = self.local.runners()
        for question in ("Say one.", "Say two."):
            self.assert_whole(self.ask_json(question), "local")
        self.assertEqual(self.local.runners(), [before])

    def on_a_terminal(self, *arguments):
        """Everything that a terminal was shown until the program ended with 0."""
        env = self.env(TERM="xterm-256color")
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.dir)
            os.execve(PROGRAM, [str(PROGRAM), *arguments], env)
        shown, deadline = b"", time.monotonic() + 60
        try:
            while time.monotonic() < deadline:
                if not select.select([terminal], [], [], 0.2)[0]:
                    continue
                try:
                    piece = os.read(terminal, 65536)
                except OSError:  # What Linux says when the other side has closed.
                    break
                if not piece:
                    break
                shown += piece
            else:
                os.kill(pid, signal.SIGKILL)
        finally:
            os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, shown)
        return shown.decode()
