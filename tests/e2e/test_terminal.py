"""A person at a terminal: the program runs on a pseudo-terminal, and the test types and reads as a person would."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from harness import LIMIT_S, PROGRAM, Case

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CTRL_C, CTRL_D, ARROW_UP = "\x03", "\x04", "\x1b[A"
PROMPT = "you › "
WHOLE_ANSWER = "[60]"  # The last of the numbered words of a practice answer.


class Terminal:
    """A terminal of 100 columns with the program on it."""

    def __init__(self, *arguments, env, cwd, hears_hang_up=True):
        self.main, program_side = pty.openpty()
        fcntl.ioctl(program_side, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))

        def take_terminal():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if not hears_hang_up:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)

        self.process = subprocess.Popen([PROGRAM, *arguments], stdin=program_side, stdout=program_side, stderr=program_side,
                                        env=env, cwd=cwd, start_new_session=True, preexec_fn=take_terminal)
        os.close(program_side)
        self.bytes = b""
        self.read = 0  # So much of `text` was already expected.

    @property
    def text(self):
        return self.bytes.decode(errors="ignore")

    def type(self, keys):
        os.write(self.main, keys.encode())

    def say(self, line):
        self.type(line + "\r")

    def _receive(self, within_s):
        """False at the end."""
        ready, _, _ = select.select([self.main], [], [], within_s)
        if not ready:
            return True
        try:
            piece = os.read(self.main, 65536)
        except OSError:  # Linux says EIO when the last process has left the terminal.
            return False
        self.bytes += piece
        return bool(piece)

    def expect(self, wanted):
        """Waits for the text and gives everything from the last expected text up to and with it."""
        deadline = time.monotonic() + LIMIT_S
        while (at := self.text.find(wanted, self.read)) < 0:
            if time.monotonic() > deadline or not self._receive(0.1):
                raise AssertionError(f"{wanted!r} did not come; on the screen since: {self.text[self.read:]!r}")
        seen = self.text[self.read:at + len(wanted)]
        self.read = at + len(wanted)
        return seen

    def end(self):
        """Reads to the end and gives the exit code."""
        while self._receive(LIMIT_S):
            pass
        return self.process.wait(LIMIT_S)

    def hang_up(self):
        """Closes the window."""
        os.close(self.main)
        self.main = None

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.main is not None:
            self.hang_up()


def plain(text):
    return COLOUR.sub("", text)


class Chat(Case):
    """In practice mode: nothing is configured, and the conversation leaves nothing behind."""

    def chat(self, *arguments, **extra):
        terminal = Terminal("chat", *(arguments or ("--practice",)), env=self.bare_env(TERM="xterm-256color", **extra), cwd=self.dir)
        self.addCleanup(terminal.close)
        terminal.expect(PROMPT)
        return terminal

    def test_an_answer_comes_word_by_word_with_its_figures_under_it(self):
        chat = self.chat()
        chat.say("[numbered] count")
        chat.expect("[3]")
        self.assertNotIn(WHOLE_ANSWER, chat.text, "the first words are shown before the last ones exist")
        chat.expect(WHOLE_ANSWER)
        figures = plain(chat.expect(PROMPT))
        self.assertRegex(figures, r"practice · cloud · practice · .*s \(first .*\) · \d+\+\d+ tokens · ")

    def test_help_and_status_answer_at_once_and_a_slip_is_mended(self):
        chat = self.chat()
        chat.say("/help")
        seen = chat.expect(PROMPT)
        for command in ("/status", "/queue", "/model", "/private", "/reset", "/quit", "/outage"):
            self.assertIn(command, seen)
        chat.say("/status")
        seen = plain(chat.expect(PROMPT))
        for part in ("cloud", "local", "failover(", "queue"):
            self.assertIn(part, seen)
        chat.say("/statsu")
        self.assertIn("Did you mean /status?", chat.expect(PROMPT))

    def test_a_late_answer_comes_into_the_same_window_under_its_question(self):
        chat = self.chat()
        for which in ("cloud", "local"):
            chat.say(f"/outage {which} on")
            chat.expect("is down now")
            chat.expect(PROMPT)
        chat.say("[numbered] asked in the dark")
        chat.expect("Queued as ")
        chat.expect("The answer will appear here when it comes.")
        chat.expect(PROMPT)
        chat.say("/queue")
        chat.expect("asked in the dark")
        chat.expect(PROMPT)
        chat.say("/outage local off")
        chat.expect("is up again")
        heading = plain(chat.expect("asked in the dark»"))
        self.assertRegex(heading, r"↳ \d\d:\d\d, .* ago, you asked «\[numbered\] asked in the dark»")
        self.assertIn("[1] [2] [3]", chat.expect(WHOLE_ANSWER))
        self.assertIn("fallback", plain(chat.expect(PROMPT)))
        chat.say("/queue")
        self.assertNotIn("asked in the dark", chat.expect(PROMPT))

    def test_a_late_answer_leaves_the_line_being_typed_as_it_is(self):
        chat = self.chat()
        for which in ("cloud", "local"):
            chat.say(f"/outage {which} on")
            chat.expect("is down now")
            chat.expect(PROMPT)
        chat.say("first")
        chat.expect("The answer will appear here")
        chat.expect(PROMPT)
        chat.say("/outage local off")
        chat.expect("is up again")
        chat.expect(PROMPT)
        chat.type("half a li")
        chat.expect("you asked «first»")
        chat.expect("half a li")  # Drawn anew under the answer.
        chat.say("ne")
        chat.expect('You asked: "half a line"')

    def test_ctrl_c_cancels_the_answer_and_not_the_program(self):
        chat = self.chat()
        chat.say("[numbered] never to the end")
        chat.expect("[5]")
        chat.type(CTRL_C)
        seen = chat.expect("Cancelled.")
        self.assertNotIn(WHOLE_ANSWER, seen)
        chat.expect(PROMPT)
        chat.say("[numbered] still there?")
        chat.expect(WHOLE_ANSWER)

    def test_ctrl_c_at_the_prompt_gives_a_fresh_line(self):
        chat = self.chat()
        chat.type("not what I meant")
        chat.expect("meant")
        chat.type(CTRL_C)
        chat.expect(PROMPT)
        chat.say("this")
        chat.expect('You asked: "this"')

    def test_ctrl_d_and_quit_end_with_0(self):
        for keys in (CTRL_D, "/quit\r"):
            with self.subTest(keys):
                chat = self.chat()
                chat.type(keys)
                self.assertEqual(chat.end(), 0, chat.text)

    def test_arrow_up_recalls_what_was_asked(self):
        chat = self.chat()
        chat.say("/model remembered")
        chat.expect(PROMPT)
        chat.type(ARROW_UP)
        chat.expect("/model remembered")
        chat.say("-again")
        chat.expect("Asking for remembered-again")

    def test_colours_only_where_they_are_wanted(self):
        talk = (("/status", "failover("), ("**bold** question", "practice · cloud"), ("/nonsense", "There is no"))
        for wanted, arguments, extra in ((True, (), {}), (False, (), {"NO_COLOR": "1"}), (False, ("--practice", "--no-color"), {})):
            with self.subTest(arguments=arguments, **extra):
                chat = self.chat(*arguments, **extra)
                for line, reply in talk:
                    chat.say(line)
                    chat.expect(reply)
                    chat.expect(PROMPT)
                chat.type(CTRL_D)
                self.assertEqual(chat.end(), 0)
                self.assertEqual(bool(COLOUR.search(chat.text)), wanted, chat.text)

    def test_history_is_kept_from_one_chat_to_the_next_and_is_the_users_own(self):
        self.use_practice()
        for keys, shown in (("remember me\r", 'You asked: "remember me"'), (ARROW_UP, "remember me")):
            chat = Terminal("chat", env=self.env(TERM="xterm"), cwd=self.dir)
            self.addCleanup(chat.close)
            chat.expect(PROMPT)
            chat.type(keys)
            chat.expect(shown)
            if keys != ARROW_UP:
                chat.expect(PROMPT)
            chat.type("\x15" + CTRL_D)  # Ctrl-U empties the line first.
            self.assertEqual(chat.end(), 0, chat.text)
        mode = (self.dir / "data" / "history").stat().st_mode & 0o777
        self.assertEqual(mode, 0o600)


class Terminals(Case):
    def start_chat(self, **options):
        chat = Terminal("chat", env=self.env(TERM="xterm"), cwd=self.dir, **options)
        self.addCleanup(chat.close)
        chat.expect(PROMPT)
        return chat

    def test_a_terminal_that_closes_leaves_the_question_in_the_queue(self):
        self.use_practice()
        self.practice.both("silence")
        chat = self.start_chat()
        chat.say("keep this one")
        chat.expect("asking")
        chat.hang_up()
        chat.process.wait(LIMIT_S)
        (kept,) = self.queue()
        self.assertEqual(kept["question"], "keep this one")
        self.assertIn(kept["state"], ("queued", "working"))

    def test_a_chat_ends_with_its_terminal_even_where_it_is_not_told(self):
        self.use_practice()
        chat = self.start_chat(hears_hang_up=False)
        chat.hang_up()
        self.assertEqual(chat.process.wait(LIMIT_S), 0)

    def test_serve_on_a_terminal_says_what_it_does_and_ends_in_order_at_ctrl_c(self):
        self.use_practice()
        serve = Terminal("serve", env=self.env(TERM="xterm"), cwd=self.dir)
        self.addCleanup(serve.close)
        serve.expect("Evenkeel listens at")
        serve.expect("It works the queue in")
        self.wait_for_owner()
        serve.type(CTRL_C)
        self.assertEqual(serve.end(), 0, serve.text)
