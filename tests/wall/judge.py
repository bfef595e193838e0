"""The verdict over what a caller saw.

PASS  the whole answer, or the right refusal, or a receipt and later the whole answer once; in time
SLOW  the same, but later than the fault's own limit allows
SAFE  not that, but honest: an error was told, nothing was lost, nothing half was called whole
FAIL  anything else; marks say how hard: LOST (accepted, and neither answered nor told), TWICE (two answers, or words
      doubled), HANG, TRUNCATED (part of an answer, or none, shown as a whole one), LEAK (a secret came out)
"""
import json

from cell import CANARY, limit_of
from words import canonical, text_of


def verdict(cell, seen):
    """(verdict, marks, why in a few words)."""
    marks = []
    if CANARY.encode() in seen.raw or CANARY in seen.message or CANARY.encode() in cell.logs():
        marks.append("LEAK")
    if seen.ended == "hang":
        return "FAIL", [*marks, "HANG"], "no end"
    if seen.ended == "whole" and not is_whole(cell, seen):
        return "FAIL", [*marks, "TWICE" if doubled(cell, seen.text) else "TRUNCATED"], \
            f"{len(seen.text.split())} words called whole"
    if seen.ended == "bare":
        return "FAIL", [*marks, "TRUNCATED"], f"ends in order after {len(seen.text.split())} words"
    if seen.ended == "shape":
        return "FAIL", marks, f"not of this dialect: {seen.message[:40]}"
    if "error after finish" in seen.notes or "what was streamed is not the answer" in seen.notes:
        return "FAIL", marks, "; ".join(seen.notes)
    judged, why = _both_ill(cell, seen, marks) if cell.both_ill else _one_ill(cell, seen, marks)
    return ("FAIL" if marks else judged), marks, why


def is_whole(cell, seen):
    text = seen.text
    if cell.fault.tools:
        return len(seen.calls) == 1 and _is_json(seen.calls[0])
    return text in cell.expected() or text in _continuations(cell)


def _is_json(text):
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _continuations(cell):
    """Words of the first, and what the second really said after them."""
    words = canonical(cell.question)
    for entry in cell.well.chats():
        if entry["prefill"] and entry["said"]:
            for count in range(1, len(words) + 1):
                yield text_of(words[:count]) + entry["said"]


def doubled(cell, text):
    starts = [text_of(canonical(cell.question, variant)[:4]) for variant in ("same", "other")]
    return sum(text.count(start) for start in starts) > 1


def _asked(provider, cell):
    """How often the question itself was put to it; probes ask something else."""
    return sum(entry["question"] == cell.question[:40] for entry in provider.chats())


def _in_time(cell, seen, why):
    limit = limit_of(cell)
    return ("PASS", why) if seen.seconds <= limit else ("SLOW", f"{why}, {seen.seconds:.1f} s of {limit:.1f}")


def _one_ill(cell, seen, marks):
    expect, ill, well = cell.fault.expect, _asked(cell.ill, cell), _asked(cell.well, cell)
    if expect == "refused":
        if seen.ended == "whole":
            return "FAIL", "a refused request was put to another provider"
        if ill > 1 or well:
            return "FAIL", f"a refused request was asked {ill} + {well} times"
        return _in_time(cell, seen, "refused, told") if seen.ended == "refused" else ("SAFE", f"told as {seen.ended}")
    if seen.ended == "whole":
        if expect == "healthy" and well:
            return "SAFE", "a legal answer was thrown away"
        if ill > 2:
            return "SAFE", f"asked the ill provider {ill} times"
        return _in_time(cell, seen, "whole")
    if seen.ended == "queued" and seen.later:
        if seen.later not in cell.expected():
            marks.append("TRUNCATED")
            return "FAIL", "the later answer is not whole"
        if cell.surface == "pipe" and cell.fault.begun:
            return _in_time(cell, seen, "the break told, whole from the queue")
        return "SAFE", "queued although one provider was well; answered later"
    if expect == "healthy":
        return "FAIL", f"a legal answer was refused: {seen.ended}"
    if seen.ended == "refused" and cell.surface not in ("ask", "pipe", "chat", "library"):
        return "SAFE", f"the provider's refusal passed on ({seen.status})"
    return "SAFE", f"told: {seen.ended} {seen.status or ''}".strip()


def _both_ill(cell, seen, marks):
    if cell.surface != "queue":
        if seen.ended == "whole":
            return "PASS", "whole"
        if seen.ended == "error" and (seen.text or (seen.status == 503 and seen.retry_after)):
            return _in_time(cell, seen, "told" if seen.text else "503 with Retry-After")
        return "SAFE", f"told: {seen.ended} {seen.status}"
    if seen.ended != "queued":
        return "SAFE", f"not queued: {seen.ended} {seen.status}"
    answers = sum(entry["ended"] == "whole" and not entry["fault"] and entry["question"] == cell.question[:40]
                  for provider in (cell.ill, cell.well) for entry in provider.chats())
    if not seen.later:
        if "state queued" not in seen.notes and "state working" not in seen.notes:
            marks.append("LOST")
        return "FAIL", "; ".join(seen.notes)
    if seen.later not in cell.expected():
        marks.append("TWICE" if doubled(cell, seen.later) else "TRUNCATED")
        return "FAIL", "the later answer is not whole"
    if answers > 1:
        return "SAFE", f"{answers} providers answered it in full"
    if cell.fault.queue == "held" and _asked(cell.ill, cell) > 1:
        return "SAFE", "asked again before Retry-After was over"
    return _in_time(cell, seen, "receipt, then whole once")
