#!/usr/bin/env python3
"""The sixteen published cases of failoverbench (methodology v0.1), streaming, each repeated, with its full waits.

failoverbench.py [--system …] [--repeats 10] [--only S08] [--out FILE.json]

Faults, checks and verdicts are those of its catalogue; `mark` is the time that Evenkeel sets itself. Evenkeel asks
the next provider at once, which two advisory checks (S01, S03: a second try at the first provider) count as partial. Exit
code 1 where a repeat misses.
"""
import argparse
import asyncio
import json
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from cell import Cell  # noqa: E402
from client import ask_openai  # noqa: E402
from fault import Fault  # noqa: E402
from faults import before, junk, silence, slowly, status, untouched, without  # noqa: E402
from plan import Step  # noqa: E402
from run import Run  # noqa: E402
from systems import SYSTEMS  # noqa: E402
from words import canonical, text_of  # noqa: E402

# The published profile: 15 ms between words. Silence is limited to 9 s so that a rescue is whole within 11.
LIMITS = {"connect": 2.0, "first": 9.0, "reasoning": 60.0, "idle": 9.0, "answer": 60.0, "total": 120.0}
PACE_S = 0.015
DOWN_S, EVERY_S, COUNT = 60.0, 4.0, 20
SURFACE = "stream"


def paced(edit):
    def change(reply, asked, headers):
        reply = edit(reply, asked, headers) or reply
        reply.pace_s = PACE_S
        return reply
    return change


def error(code, kind="server_error", message="The engine is currently overloaded"):
    return {"message": message, "type": kind, "code": code}


class Case:
    """once: only the first attempt. asks: (least, most) attempts at the first provider; least is advisory."""

    def __init__(self, name, title, edit, mark_s, most_s, once=False, asks=(0, 99), gap_s=0.0, ideal="whole", advisory_s=0.0,
                 variant="same", exact=False):
        self.name, self.title, self.mark_s, self.most_s, self.once = name, title, mark_s, most_s, once
        self.asks, self.gap_s, self.ideal, self.advisory_s = asks, gap_s, ideal, advisory_s
        self.variant, self.exact = variant, exact
        self.back_s = 4.0 if name == "S15" else 16.0  # The mark for S15; what its twenty requests can see for S15b.
        self.fault = Fault(name, "failoverbench", title, paced(edit), begun=True)


LIMIT = error("rate_limit_exceeded", "rate_limit_error", "Rate limit reached")
CUT = before("word", 40, Step("fin"))
CASES = [
    Case("S01", "429 with Retry-After: 2, once", status(429, LIMIT, ("Retry-After", "2")), 3.1, 20, once=True, asks=(2, 99),
         gap_s=1.8),
    Case("S02", "429 for ever", status(429, LIMIT), 1.5, 40, asks=(0, 6)),
    Case("S03", "500 once", status(500, error(None)), 1.2, 20, once=True, asks=(2, 99)),
    Case("S04", "503 for ever", status(503, error("overloaded")), 1.5, 40, asks=(0, 6)),
    Case("S05", "reset before the headers, once", silence(Step("rst")), 1.1, 20, once=True),
    Case("S06", "silence for 120 s", silence(Step("sleep", seconds=120.0), Step("fin")), 11.0, 100, asks=(0, 99)),
    Case("S07", "first token after 20 s", slowly("role", 20.0), 11.0, 60, advisory_s=15.0),
    Case("S08", "cut after 40 tokens", CUT, 2.0, 40),
    Case("S09", "stall for 30 s after 20 tokens", before("word", 20, Step("sleep", seconds=30.0), Step("fin")), 11.0, 45),
    Case("S10", "a malformed chunk", junk(b'data: {"choices":[{"delta":{"content": \n\n', 10), 2.0, 30),
    Case("S11", "no [DONE]", without("done"), 1.5, 8),
    Case("S12", "too long for the model", status(400, error(
        "context_length_exceeded", "invalid_request_error", "This model's maximum context length is 8192 tokens")), 1.5, 20,
         asks=(1, 1), exact=True),
    Case("S13", "content refused", status(400, error(
        "content_policy_violation", "invalid_request_error", "Rejected by our safety system")), 1.0, 20, asks=(1, 1), ideal="error",
         exact=True),
    Case("S14", "cut, and the other takes no prefill", CUT, 2.0, 40, variant="rejects-same"),
    Case("S15", "60 s of 503, then healthy; 20 requests", status(503, error("overloaded")), 200, 200),
    Case("S15b", "the same, but its list of models stays well", status(503, error("overloaded")), 200, 200),
    Case("S16", "who answered, and what it cost", status(503, error("overloaded")), 1.5, 40, asks=(0, 6)),
]
SLOW = ("S06", "S07", "S09", "S15", "S15b")


class Bench(Cell):
    limits, other_dialect = LIMITS, False
    models = {"first": "first-model", "second": "second-model"}

    def __init__(self, run, system, case):
        super().__init__(run, system, case.fault, "openai", SURFACE, "same")
        self.case = case
        self.route = ""
        if system.name != "evenkeel":
            self.models = {"first": "wall", "second": "wall"}  # They hand the caller's name on.

    async def __aenter__(self):
        await super().__aenter__()
        self.ill.times = 1 if self.case.once else 0
        if self.case.variant == "rejects-same":
            self.well.prefill = "reject"
        for provider in (self.ill, self.well):
            provider.healthy_edit = paced(untouched)
        return self

    async def ask(self, limit_s=None):
        return await ask_openai(self.port, self.question, True, limit_s or self.case.most_s)

    def whole(self, seen):
        return seen.ended == "whole" and seen.text.split() == text_of(canonical(self.question)).split()


async def once(run, system, case):
    """One repeat: {verdict, seconds, why, …}."""
    async with Bench(run, system, case) as cell:
        await cell.system.start(cell)
        if case.name in ("S15", "S15b"):
            return await flapping(cell)
        seen = await cell.ask()
        first, second = ([entry for entry in provider.chats() if entry["question"] == cell.question[:40]]
                         for provider in (cell.ill, cell.well))
        failed, advisory = checks(cell, seen, first, second)
        cell.ill.fault, question = None, cell.question
        cell.question = "Are you alive?"
        alive = await cell.ask(10.0)
        if not cell.whole(alive):
            failed.append("alive after")
        cell.question = question
        return judged(case, cell, seen, failed, advisory, alive.seconds) | {"asked_first": len(first), "asked_second": len(second)}


def checks(cell, seen, first, second):
    """What failed of the required checks, and of the advisory ones."""
    case, failed, advisory = cell.case, [], []
    if seen.ended == "hang" or seen.seconds > case.most_s:
        failed.append("hang")
    if seen.ended in ("whole", "bare") and not cell.whole(seen) and case.ideal == "whole":
        failed.append("truncated answer called whole")
    if len(first) > case.asks[1]:
        failed.append(f"asked the first {len(first)} times")
    if case.exact and len(first) != 1:
        failed.append(f"asked the first {len(first)} times instead of once")
    if len(first) < case.asks[0]:
        advisory.append("no second try")
    if case.gap_s and (len(first) < 2 or first[1]["t"] - first[0]["t"] < case.gap_s):
        advisory.append("Retry-After not waited for")
    if case.name == "S06" and len(first) > 1:
        advisory.append("silent provider asked again")
    if case.advisory_s and seen.seconds > case.advisory_s:
        advisory.append(f"{seen.seconds:.1f} s")
    if case.name == "S14" and seen.ended == "error" and any(entry["prefill"] for entry in second):
        failed.append("the refused prefill hides the failure")
    if case.name == "S16":
        if second and cell.models["second"] not in seen.model:
            failed.append(f"names model {seen.model}")
        if not seen.usage:
            advisory.append("no usage")
    if case.name == "S11" and not seen.usage:
        advisory.append("no usage")
    return failed, advisory


def judged(case, cell, seen, failed, advisory, healthy_s):
    """`healthy_s`: what a healthy answer took right after. More than its second is the machine's doing, not counted."""
    rescued = cell.whole(seen) if case.ideal == "whole" else seen.ended in ("refused", "error")
    if failed:
        verdict = "fail"
    elif case.ideal != "whole" and seen.ended == "whole":
        verdict, advisory = "partial", ["routed around the refusal"]
    elif not rescued:
        verdict = "safe"
    else:
        verdict = "partial" if advisory else "pass"
    return {"verdict": verdict, "seconds": round(seen.seconds, 3), "why": "; ".join(failed + advisory) or seen.message[:80],
            "healthy_s": round(healthy_s, 3), "in_time": rescued and seen.seconds - max(0.0, healthy_s - 1.0) <= case.mark_s}


async def flapping(cell):
    """S15: twenty requests over a minute of outage."""
    began, seen = time.monotonic(), []
    cell.ill.began = began
    cell.ill.all_paths = cell.case.name == "S15"

    async def ends():
        await asyncio.sleep(DOWN_S - (time.monotonic() - began))
        cell.ill.fault = None
    end = asyncio.create_task(ends())
    for number in range(COUNT):
        await asyncio.sleep(max(0.0, number * EVERY_S - (time.monotonic() - began)))
        seen.append((time.monotonic() - began, await cell.ask(30.0)))
    await end
    calls = [entry["t"] for entry in cell.ill.chats()]
    back = [entry["t"] for entry in cell.ill.chats() if not entry["fault"]]
    whole = sum(cell.whole(each) for _, each in seen)
    failed = [f"{whole} of {COUNT} whole"] if whole < COUNT else []
    back_s = back[0] - DOWN_S if back else None
    if back_s is None or back_s > 30:
        failed.append("never back on the first")
    down = sum(t < DOWN_S for t in calls)
    failed = [f"{each} (calls at {' '.join(f'{t:.0f}' for t in calls)})" for each in failed]
    return {"verdict": "fail" if failed else "pass", "seconds": round(max(each.seconds for _, each in seen), 3),
            "why": "; ".join(failed) or f"{down} calls into the outage, back after {back_s:.1f} s", "calls": down,
            "back_s": back_s, "healthy_s": 1.0, "in_time": not failed and down <= 12 and back_s <= cell.case.back_s}


async def bench(options):
    with tempfile.TemporaryDirectory(prefix="evenkeel-wall-ca-") as folder:
        run, system, result = Run(options, folder), SYSTEMS[options.system](), []
        for case in CASES:
            if options.only and case.name not in options.only.split(","):
                continue
            if case.name in SLOW:
                rows = await asyncio.gather(*(once(run, system, case) for _ in range(options.repeats)))
            else:
                rows = [await once(run, system, case) for _ in range(options.repeats)]
            result.append(told(case, rows))
            if options.out:
                pathlib.Path(options.out).write_text("".join(json.dumps(row) + "\n" for row in result))
    return result


def told(case, rows):
    order = ("fail", "safe", "partial", "pass")
    worst = min(rows, key=lambda row: order.index(row["verdict"]))
    seconds = [row["seconds"] for row in rows]
    line = {"case": case.name, "title": case.title, "verdict": worst["verdict"], "why": worst["why"], "mark_s": case.mark_s,
            "median_s": round(statistics.median(seconds), 3), "worst_s": max(seconds),
            "healthy_s": round(statistics.median(row["healthy_s"] for row in rows), 3), "repeats": len(rows),
            "passed": sum(row["verdict"] == "pass" for row in rows), "in_time": sum(row["in_time"] for row in rows)}
    for name in ("calls", "back_s"):
        if name in rows[0]:
            line[name] = max((row[name] for row in rows if row[name] is not None), default=None)
    print(f"{line['case']}  {line['verdict']:8} {line['passed']:2}/{line['repeats']} pass, {line['in_time']:2} in time   "
          f"median {line['median_s']:6.2f} s, worst {line['worst_s']:6.2f} s of {case.mark_s:5.1f} (healthy {line['healthy_s']:.2f})   {case.title}: {line['why']}",
          flush=True)
    return line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/evenkeel")
    parser.add_argument("--system", choices=[name for name in SYSTEMS if name != "litellm"], default="evenkeel")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--only", default="", help="S01,S08")
    parser.add_argument("--out", default="")
    options = parser.parse_args()
    rows = asyncio.run(bench(options))
    print(f"{sum(row['verdict'] == 'pass' for row in rows)} of {len(rows)} pass, "
          f"{sum(row['in_time'] == row['repeats'] for row in rows)} within their marks")
    return 0 if all(row["in_time"] == row["repeats"] and row["verdict"] == "pass" for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
