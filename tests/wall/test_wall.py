"""The wall's own tests: a judge that cannot fail a cell, or a fault that breaks nothing, would prove nothing.

python3 -m unittest discover -s tests/wall
"""
import asyncio
import pathlib
import sys
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import judge  # noqa: E402
from catalogue import FAULTS  # noqa: E402
from cell import CANARY, cells, id_of, not_applicable  # noqa: E402
from client import Seen, ask_ollama, ask_openai, events_of  # noqa: E402
from plan import Asked, healthy  # noqa: E402
from provider import Provider  # noqa: E402
from surfaces import SURFACES  # noqa: E402
from words import WORDS, canonical, continued, text_of  # noqa: E402

QUESTION = "What is known?"
WHOLE = text_of(canonical(QUESTION))


def asked_for(dialect, stream, tools=False):
    return Asked(dialect, "/v1/chat/completions", stream, True, tools, QUESTION, model="wall")


class Answers(unittest.TestCase):
    def test_an_answer_is_the_same_each_time_and_another_for_another_question(self):
        self.assertEqual(canonical(QUESTION), canonical(QUESTION))
        self.assertNotEqual(canonical(QUESTION), canonical("Another?"))
        self.assertNotEqual(canonical(QUESTION), canonical(QUESTION, "other"))
        self.assertEqual(len(canonical(QUESTION)), WORDS)

    def test_a_text_that_is_its_own_is_continued_where_it_ends(self):
        words = canonical(QUESTION)
        self.assertEqual(text_of(words[:40]) + " " + text_of(continued(words, text_of(words[:40]))), WHOLE)


class Faults(unittest.TestCase):
    def test_every_fault_makes_a_reply_in_every_dialect_and_form(self):
        for fault in FAULTS.values():
            for dialect in fault.dialects:
                for stream in (True, False):
                    with self.subTest(fault=fault.id, dialect=dialect, stream=stream):
                        asked = asked_for(dialect, stream, fault.tools)
                        reply = healthy(asked)
                        reply = fault.edit(reply, asked, {"authorization": f"Bearer {CANARY}"}) or reply
                        self.assertTrue(reply.head().startswith(b"HTTP/1."))

    def test_a_fault_of_streams_changes_the_stream(self):
        for fault in FAULTS.values():
            if fault.id in ("plain", "tool-healthy") or fault.accept or fault.tls or fault.host:
                continue
            for dialect in fault.dialects:
                with self.subTest(fault=fault.id, dialect=dialect):
                    asked = asked_for(dialect, True, fault.tools)
                    plain, edited = healthy(asked), healthy(asked)
                    edited = fault.edit(edited, asked, {}) or edited
                    self.assertTrue(self.wire(plain) != self.wire(edited), "nothing was broken")

    def wire(self, reply):
        return (reply.interim, reply.framing, reply.head(), [(s.kind, s.data, s.index, s.seconds) for s in reply.steps])


class Cells(unittest.TestCase):
    def test_there_are_more_than_a_hundred_and_fifty_on_the_gateway_alone_and_no_id_comes_twice(self):
        ids = [id_of(*entry) for entry in cells("evenkeel")]
        self.assertEqual(len(ids), len(set(ids)))
        for surface in SURFACES:
            self.assertGreaterEqual(sum(f"/{surface}" in each for each in ids), 150, surface)

    def test_a_cell_is_left_out_by_a_rule_only(self):
        tool, stale = FAULTS["tool-cut"], FAULTS["stale-connection"]
        self.assertTrue(not_applicable("evenkeel", tool, "openai", "ask"))
        self.assertFalse(not_applicable("evenkeel", tool, "openai", "stream"))
        self.assertTrue(not_applicable("evenkeel", stale, "openai", "library"))
        self.assertTrue(not_applicable("nginx", FAULTS["500"], "openai", "ask"))


class Clients(unittest.TestCase):
    """What a caller concludes when nothing stands between it and the provider."""

    def seen(self, dialect, fault, stream=True):
        async def ask():
            provider = Provider(dialect).bind()
            await provider.start(FAULTS[fault])
            try:
                if dialect == "ollama":
                    return await ask_ollama(provider.port, QUESTION, 2.0)
                return await ask_openai(provider.port, QUESTION, stream, 2.0)
            finally:
                await provider.stop()
        return asyncio.run(ask())

    def test_what_comes_is_named_as_a_program_would_take_it(self):
        for dialect, fault, stream, ended in (
                ("openai", "plain", True, "whole"), ("openai", "plain", False, "whole"), ("ollama", "plain", True, "whole"),
                ("openai", "cr", True, "whole"), ("openai", "multi-line-data", True, "whole"), ("openai", "bom", True, "whole"),
                ("openai", "rst-after-40", True, "broken"), ("openai", "end-after-40", True, "bare"),
                ("openai", "done-only", True, "bare"), ("openai", "no-finish", False, "bare"),
                ("openai", "error-event-done", True, "error"), ("openai", "400-schema", True, "refused"),
                ("openai", "503", False, "error"), ("openai", "html-200", False, "shape"), ("openai", "204", False, "shape"),
                ("openai", "stall-after-40", True, "hang"), ("openai", "fin-after-40", False, "broken"),
                ("ollama", "end-after-40", True, "bare"), ("ollama", "error-event", True, "error"),
                ("ollama", "rst-after-40", True, "broken")):
            with self.subTest(dialect=dialect, fault=fault, stream=stream):
                self.assertEqual(self.seen(dialect, fault, stream).ended, ended)

    def test_events_are_read_by_the_rules_of_the_standard(self):
        self.assertEqual(list(events_of(b"\xef\xbb\xbf: c\r\rdata:a\rdata: b\r\revent: x\n\ndata: c\n\n")), [b"a\nb", b"c"])


class Verdicts(unittest.TestCase):
    def judged(self, seen, fault="500", surface="stream", ill=1, well=1, variant="same", logs=b"", answered=1):
        def chats(count, fault_id):
            return [{"question": QUESTION, "prefill": 0, "said": "x", "fault": fault_id, "ended": "whole"}] * count
        cell = types.SimpleNamespace(
            fault=FAULTS[fault], surface=surface, variant=variant, question=QUESTION, logs=lambda: logs,
            both_ill=surface == "queue" or variant == "down",
            expected=lambda: [WHOLE, text_of(canonical(QUESTION, "other"))],
            ill=types.SimpleNamespace(chats=lambda: chats(ill, fault)),
            well=types.SimpleNamespace(chats=lambda: chats(well, "" if answered else fault) * max(answered, 1)))
        return judge.verdict(cell, seen)[:2]

    def test_each_verdict_and_each_mark_is_reached(self):
        half = text_of(canonical(QUESTION)[:40])
        other = text_of(canonical(QUESTION, "other"))
        for what, seen, options, expected in (
                ("whole", Seen("whole", WHOLE), {}, ("PASS", [])),
                ("late", Seen("whole", WHOLE, 9.0), {}, ("SLOW", [])),
                ("told", Seen("error", status=503), {}, ("SAFE", [])),
                ("half called whole", Seen("whole", half), {}, ("FAIL", ["TRUNCATED"])),
                ("empty called whole", Seen("whole", ""), {}, ("FAIL", ["TRUNCATED"])),
                ("ended in order", Seen("bare", WHOLE), {}, ("FAIL", ["TRUNCATED"])),
                ("half, then all of it", Seen("whole", half + " " + WHOLE), {}, ("FAIL", ["TWICE"])),
                ("half, then the other's", Seen("whole", half + " " + other), {}, ("FAIL", ["TWICE"])),
                ("no end", Seen("hang"), {}, ("FAIL", ["HANG"])),
                ("a secret in an error", Seen("error", raw=CANARY.encode()), {}, ("FAIL", ["LEAK"])),
                ("a secret in a log", Seen("whole", WHOLE), {"logs": CANARY.encode()}, ("FAIL", ["LEAK"])),
                ("a web page", Seen("shape", message="<html>"), {}, ("FAIL", [])),
                ("refused", Seen("refused", status=400), {"fault": "400-schema", "well": 0}, ("PASS", [])),
                ("refusal shopped around", Seen("whole", WHOLE), {"fault": "400-schema"}, ("FAIL", [])),
                ("refusal asked again", Seen("refused", status=400), {"fault": "400-schema", "ill": 2, "well": 0}, ("FAIL", [])),
                ("legal, thrown away", Seen("whole", WHOLE), {"fault": "cr"}, ("SAFE", [])),
                ("legal, refused", Seen("error", status=502), {"fault": "cr", "well": 0}, ("FAIL", [])),
                ("receipt, later whole", Seen("queued", later=WHOLE), {"surface": "queue"}, ("PASS", [])),
                ("receipt, never answered", Seen("queued"), {"surface": "queue"}, ("FAIL", ["LOST"])),
                ("receipt, later half", Seen("queued", later=half), {"surface": "queue"}, ("FAIL", ["TRUNCATED"])),
                ("answered by two", Seen("queued", later=WHOLE), {"surface": "queue", "answered": 2}, ("SAFE", [])),
                ("both down, told", Seen("error", status=503, retry_after="3"), {"variant": "down"}, ("PASS", [])),
                ("both down, told badly", Seen("error", status=502), {"variant": "down"}, ("SAFE", []))):
            with self.subTest(what):
                self.assertEqual(self.judged(seen, **options), expected)


if __name__ == "__main__":
    unittest.main()
