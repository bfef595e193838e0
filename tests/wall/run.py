#!/usr/bin/env python3
"""The wall: every fault of the catalogue on every surface, and a row of JSON for each cell.

run.py [--system evenkeel|nginx|haproxy|litellm] [--only PATTERN] [--quick] [--out rows.jsonl] [--list]

PATTERN is a shell pattern over ids such as rst-after-40/openai/stream. A cell has its own ports, processes and data, so
cells run side by side. Exit code 1 where a cell failed (of Evenkeel; for others the rows are the result).
"""
import argparse
import asyncio
import collections
import contextlib
import datetime
import fnmatch
import json
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

from cell import Cell, cells, id_of  # noqa: E402
from client import Seen  # noqa: E402
from judge import verdict  # noqa: E402
from surfaces import SURFACES  # noqa: E402
from systems import SYSTEMS, Litellm  # noqa: E402
from tls import Authorities  # noqa: E402

CELL_LIMIT_S = 60.0


class Run:
    def __init__(self, options, folder):
        self.program = pathlib.Path(options.program).resolve()
        self.driver = self.program.parent / "tests" / "wall_driver"
        self.authorities = Authorities(folder)


def row_of(cell, seen, judged):
    word, marks, why = judged
    ill, well = (getattr(cell, name).chats() if hasattr(cell, name) else [] for name in ("ill", "well"))
    return {"cell": cell.id, "system": cell.system.name, "fault": cell.fault.id, "group": cell.fault.group,
            "dialect": cell.dialect, "surface": cell.surface, "variant": cell.variant, "expect": cell.fault.expect,
            "verdict": word, "marks": marks, "why": why, "ended": seen.ended, "status": seen.status,
            "seconds": round(seen.seconds, 3), "words": len(seen.text.split()), "provider": seen.provider,
            "message": seen.message[:200], "notes": seen.notes, "asked_ill": len(ill), "asked_well": len(well), "ill": [
                {key: entry.get(key) for key in ("t", "fault", "reached", "ended")} for entry in ill[:8]],
            "peak_mib": getattr(cell, "peak_mib", None)}


async def one(run, system, entry, gate, heavy):
    """Runs one cell. Those that send all they can go one at a time, so that they do not slow their neighbours down."""
    async with heavy if entry[0].group == "size" else contextlib.nullcontext(), gate:
        cell = Cell(run, system, *entry)
        try:
            async with asyncio.timeout(CELL_LIMIT_S):
                async with cell:
                    seen = await cell.look()
                    judged = verdict(cell, seen)
        except Exception as problem:  # The runner's own trouble is a failed cell, never a lost one.
            seen, judged = Seen("error", message=str(problem)), ("FAIL", ["RUNNER"], f"{type(problem).__name__}: {problem}")
        return row_of(cell, seen, judged)


def chosen(options):
    for entry in cells(options.system):
        fault, dialect, surface, variant = entry
        if options.surfaces and surface not in options.surfaces.split(","):
            continue
        if options.quick and not fault.quick:
            continue
        if fnmatch.fnmatch(id_of(*entry), options.only or "*"):
            yield entry


async def wall(options):
    with tempfile.TemporaryDirectory(prefix="evenkeel-wall-ca-") as folder:
        run = Run(options, folder)
        system = Litellm(options.litellm) if options.system == "litellm" else SYSTEMS[options.system]()
        version = system.version(run)
        gate, heavy = asyncio.Semaphore(options.jobs), asyncio.Semaphore(1)
        began, rows, slow = time.monotonic(), [], []
        out = open(options.out, "w") if options.out else None

        def keep(row):
            rows.append(row | {"version": version, "date": datetime.date.today().isoformat()})
            if out:
                out.write(json.dumps(rows[-1], ensure_ascii=False) + "\n")
                out.flush()
            if row["verdict"] == "FAIL" and options.system == "evenkeel" or options.verbose:
                print(f"{row['verdict']:5} {row['cell']:45} {row['seconds']:6.2f} s  {' '.join(row['marks'])} {row['why']}",
                      flush=True)

        entries = {id_of(*entry): entry for entry in chosen(options)}
        work = [asyncio.create_task(one(run, system, entry, gate, heavy)) for entry in entries.values()]
        for task in asyncio.as_completed(work):
            row = await task
            if row["verdict"] == "SLOW":
                slow.append(row["cell"])  # Perhaps only its neighbours were in its way.
            else:
                keep(row)
        for cell in slow:
            row = await one(run, system, entries[cell], gate, heavy)
            keep(row | {"alone": True})
        if out:
            out.close()
        summary(rows, time.monotonic() - began, options.system)
        return rows


def summary(rows, seconds, system):
    words = ("PASS", "SLOW", "SAFE", "FAIL")
    print(f"\n{system}: {len(rows)} cells in {seconds:.0f} s")
    print(f"{'':9}" + "".join(f"{word:>7}" for word in words))
    for surface in SURFACES:
        count = collections.Counter(row["verdict"] for row in rows if row["surface"] == surface)
        if count:
            print(f"{surface:9}" + "".join(f"{count[word]:7}" for word in words))
    marks = collections.Counter(mark for row in rows for mark in row["marks"])
    print("marks: " + (", ".join(f"{mark} {count}" for mark, count in sorted(marks.items())) or "none"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/evenkeel")
    parser.add_argument("--system", choices=SYSTEMS, default="evenkeel")
    parser.add_argument("--only", default="")
    parser.add_argument("--surfaces", default="", help="some of " + ",".join(SURFACES))
    parser.add_argument("--quick", action="store_true", help="the faults marked quick")
    parser.add_argument("--jobs", type=int, default=16, help="cells side by side")
    parser.add_argument("--out", default="", help="where the rows go")
    parser.add_argument("--litellm", default="", help="the program of that name")
    parser.add_argument("--list", action="store_true", help="only the ids")
    parser.add_argument("--verbose", action="store_true", help="a line for every cell")
    options = parser.parse_args()
    if options.list:
        for entry in chosen(options):
            print(id_of(*entry))
        return 0
    rows = asyncio.run(wall(options))
    if not rows:
        print("no such cell", file=sys.stderr)
        return 64
    return 1 if options.system == "evenkeel" and any(row["verdict"] == "FAIL" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
