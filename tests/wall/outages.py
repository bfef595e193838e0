#!/usr/bin/env python3
"""Prints docs/outages.md from rows: what each fault does to the user of Evenkeel, and of others beside it.

outages.py ROWS.jsonl... [--failoverbench SYSTEM=FILE.json]... > docs/outages.md
"""
import argparse
import collections
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from catalogue import FAULTS  # noqa: E402
from surfaces import HTTP, SURFACES  # noqa: E402
from systems import SYSTEMS  # noqa: E402

NAMES = {"evenkeel": "Evenkeel", "nginx": "nginx", "haproxy": "HAProxy", "litellm": "LiteLLM"}
MARKS = ("HANG", "LOST", "TWICE", "TRUNCATED", "LEAK")
WORDS = ("PASS", "SLOW", "SAFE", "FAIL")
GROUPS = {
    "connection": "Connections and names", "tls": "TLS", "status": "Refusals by status", "lies": "Success that is none",
    "mid-answer": "Breaks in the middle of an answer", "size": "Too much of everything", "tools": "Tool calls",
    "legal": "Odd, but legal: it has to work",
}


def read(files):
    rows = []
    for file in files:
        rows += [json.loads(line) for line in pathlib.Path(file).read_text().splitlines()]
    return [row for row in rows if "RUNNER" not in row.get("marks", [])]  # No verdict on the system.


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"


def count_row(name, rows):
    verdicts = collections.Counter(row["verdict"] for row in rows)
    marks = collections.Counter(mark for row in rows for mark in row["marks"])
    return [name, len(rows), *(verdicts[word] for word in WORDS), *(marks[mark] for mark in MARKS)]


def systems_of(rows):
    return [name for name in SYSTEMS if any(row["system"] == name for row in rows)]


def beside(rows):
    """Each system over the cells that all of them have."""
    systems = systems_of(rows)
    systems.sort(key=lambda name: name != "evenkeel")
    have = {name: {row["cell"] for row in rows if row["system"] == name} for name in systems}
    common = set.intersection(*have.values())
    head = ["system", "cells", *WORDS, *(mark.lower() for mark in MARKS)]
    yield from table(head, (count_row(f"{NAMES[name]} {version_of(rows, name)}", [
        row for row in rows if row["system"] == name and row["cell"] in common]) for name in systems))


def version_of(rows, system):
    return next(row.get("version", "") for row in rows if row["system"] == system)


def surfaces(rows):
    own = [row for row in rows if row["system"] == "evenkeel"]
    names = {"library": "library", "stream": "gateway, streaming", "json": "gateway, JSON", "ollama": "gateway, Ollama's API",
             "queue": "queue", "ask": "`ask`", "pipe": "`ask --stream` into a pipe", "chat": "`chat` on a pipe"}
    found = [(surface, [row for row in own if row["surface"] == surface]) for surface in SURFACES]
    yield from table(["surface", "cells", *WORDS, *(mark.lower() for mark in MARKS)],
                     [count_row(names[surface], each) for surface, each in found if each] + [count_row("all", own)])


def sees(row):
    """What the caller of this cell sees, in a few words."""
    who = "from the other provider" if row["asked_well"] and row["expect"] != "healthy" else ""
    after = f" after {row['seconds']:.1f} s" if row["seconds"] >= 0.95 else ""
    if row["ended"] == "whole" and row["verdict"] != "FAIL":
        return " ".join(filter(None, ["the whole answer", who])) + after
    if row["ended"] == "refused":
        return f"the refusal ({row['status']})" if row["surface"] in HTTP else "the refusal"
    if row["ended"] == "error":
        return ("the words so far, then an error" if row["words"] else f"an error ({row['status']})") + after
    if row["ended"] == "queued":
        return "the words so far, a note, the whole answer by its id" if row["surface"] == "pipe" and row["words"] else \
            "a receipt; the whole answer later"
    return {"hang": "nothing, for ever", "broken": "a broken connection", "bare": "part of an answer as if it were all",
            "shape": "something that is no answer"}.get(row["ended"], "part of an answer as if it were all")


def worst(rows):
    return max((row["verdict"] for row in rows), key=WORDS.index, default="–")


def fault_by_fault(rows):
    peers = [name for name in systems_of(rows) if name != "evenkeel"]
    by = collections.defaultdict(list)
    for row in rows:
        by[row["system"], row["fault"]].append(row)
    for group, title in GROUPS.items():
        lines = []
        for fault in FAULTS.values():
            own = by["evenkeel", fault.id]
            if fault.group != group or not own:
                continue
            plain = [row for row in own if row["variant"] == "same"]
            seen = {surface: next((sees(row) for row in plain if row["surface"] == surface), "–") for surface in
                    ("stream", "pipe", "queue")}
            gateway = seen["stream"] if seen["stream"] != "–" else next((sees(row) for row in plain), "–")
            lines.append([f"`{fault.id}`", fault.what, gateway, seen["pipe"] if seen["pipe"] != gateway else "the same",
                          seen["queue"],
                          worst(own), *(worst(by[peer, fault.id]) for peer in peers)])
        yield f"\n### {title}\n"
        yield from table(["fault", "the provider …", "the gateway's caller sees (stream)", "`ask --stream` shows", "nobody else is well",
                          "Evenkeel", *(NAMES[peer] for peer in peers)], lines)


def other_words(rows):
    """The cells in which the other provider says other words."""
    titles = {"other": "says other words and continues a text", "restarts": "says other words and begins anew",
              "rejects": "says other words and refuses to continue",
              "complete": "the same, and the caller sent `x-evenkeel-complete-first: true`", "down": "is down too"}
    found = []
    for variant, title in titles.items():
        each = [row for row in rows if row["system"] == "evenkeel" and row["variant"] == variant]
        outcomes = collections.Counter(f"{row['verdict']}: {sees(row)}" for row in each)
        found.append([title, len(each), "; ".join(f"{count} × {what}" for what, count in sorted(outcomes.items()))])
    yield from table(["the other provider …", "cells", "what came of it"], found)


def published_cases(benches):
    first = next(iter(benches.values()))
    head = ["case", "fault", "our mark, s", *(f"{NAMES.get(name, name)}" for name in benches)]
    rows = []
    for at, row in enumerate(first):
        cells = [f"{bench[at]['verdict']} {bench[at]['median_s']:.2f} ({bench[at]['worst_s']:.2f})" for bench in benches.values()]
        rows.append([row["case"], row["title"], f"{row['mark_s']:g}" if row["case"] != "S15" else "≤ 12 calls, ≤ 4 s", *cells])
    rows.append(["", "pass of 16", "", *(sum(row["verdict"] == "pass" for row in bench) for bench in benches.values())])
    yield from table(head, rows)


INTRO = """# Outages: what the user sees

<!-- Made by tests/wall/outages.py from the rows of a run; do not edit by hand. -->

Measured {date}. A provider that breaks on purpose stands first in the route, a healthy one second; the same fault is put
before every surface. Each row of these tables was seen, and can be seen again:

```sh
cmake --preset release && cmake --build build/release --target evenkeel wall_driver
python3 tests/wall/run.py --out rows.jsonl                     # --system nginx | haproxy, --only 'rst-after-40/*'
python3 tests/wall/failoverbench.py                            # the sixteen published cases, with their full waits
python3 tests/wall/outages.py rows.jsonl > docs/outages.md
```

**PASS**: the whole answer, or the right refusal, or a receipt and later the whole answer once; in time. **SLOW**: the same, later
than the fault's own limit. **SAFE**: not that, but honest: an error was told, nothing half was called whole. **FAIL**: anything
else. *hang*: no end. *lost*: accepted and never answered nor told. *twice*: two answers, or words doubled. *truncated*: part of an
answer, or none, shown as a whole one. *leak*: our key came out. A cell is left out only by a rule in `tests/wall/cell.py`.

The limits are short here (connect 0.7 s, first word 1 s, silence 1 s, JSON answer 2.5 s, all 4 s), the same for every system.
"""


def page(rows, benches):
    yield INTRO.format(date=max(row["date"] for row in rows))
    yield "## Beside others\n\nThe cells that all of these systems have: their gateway surfaces, each with the same providers behind it.\n"
    yield from beside(rows)
    yield ""
    for name in systems_of(rows):
        if name != "evenkeel":
            yield f"- {NAMES[name]}: {SYSTEMS[name].configuration}."
    yield "\n## Evenkeel, surface by surface\n"
    yield from surfaces(rows)
    yield "\nWhere the other provider is not simply well:\n"
    yield from other_words(rows)
    if benches:
        yield "\n## The sixteen published cases\n"
        yield ("failoverbench's faults and checks (methodology v0.1), streaming, its full waits. Verdict, median seconds (worst of "
               f"{next(iter(benches.values()))[0]['repeats']} repeats). A verdict is the worst of the repeats. As it comes, Evenkeel asks "
               "the next provider at once; S01 and S03 count it as *partial* that the first one got no second try.\n")
        yield from published_cases(benches)
    yield "\n## Fault by fault\n"
    yield ("The last columns are the worst verdict over all of a system's cells of that fault. *Nobody else is well*: the other "
           "provider fails too; both come back later.")
    yield from fault_by_fault(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="+")
    parser.add_argument("--failoverbench", action="append", default=[], metavar="SYSTEM=FILE")
    options = parser.parse_args()
    benches = {}
    for each in options.failoverbench:
        name, _, file = each.partition("=")
        benches[name] = read([file])
    print("\n".join(page(read(options.rows), benches)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
