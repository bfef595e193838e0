#!/usr/bin/env python3
"""The yardstick: what a gateway costs beside nginx and HAProxy as plain proxies, in the same run on the same machine.

    python3 bench/bench.py                          nginx, HAProxy and Evenkeel, five rounds
    python3 bench/bench.py --quick                  a smoke test, half a minute
    python3 bench/bench.py --system other.json      another gateway; bench/README.md says what stands in the file

CPU times come from the scheduler (user and system, all threads), so they stand noise well; latency and throughput do
not: read the ratio to nginx, which is the median of the ratios of the rounds.
"""
import argparse
import json
import os
import random
import signal
import statistics
import sys

from phases import Bench, PHASES
from systems import builtin, Direct, HERE, load, Skip, System

ROWS = [  # key, title, format, goal of Evenkeel (ratio, or value where it begins with "=")
    ("req2.cpu_us", "CPU µs per request, 2 KB", "{:.1f}", "≤ 0.75 ×"),
    ("req32.cpu_us", "CPU µs per request, 32 KB", "{:.1f}", "≤ 0.80 ×"),
    ("req2.rps", "requests/s on one core, 2 KB", "{:.0f}", "≥ 1.25 ×"),
    ("wrongkey.cpu_us", "CPU µs per request with a wrong key", "{:.1f}", "≤ 0.5 ×"),
    ("sse20.cpu_us", "CPU µs per event, 20-byte tokens", "{:.2f}", "≤ 1.00 ×"),
    ("sse200.cpu_us", "CPU µs per event, 200-byte tokens", "{:.2f}", "≤ 1.00 ×"),
    ("evlat.added_us", "added µs per event, p50", "{:.0f}", ""),
    ("ttft.added_us", "added µs to the first token, p50", "{:.0f}", "≤ 1.0 ×"),
    ("hold.pss_b", "bytes per open stream (PSS)", "{:.0f}", "≤ 1 KiB"),
    ("hold.streams", "streams held open", "{:.0f}", ""),
    ("sys.req_1conn", "system calls per request, 1 connection", "{:.1f}", ""),
    ("sys.req_32conn", "system calls per request, 32 connections", "{:.1f}", "≤ 4.2"),
    ("sys.sse_16streams", "system calls per event, 16 streams", "{:.2f}", ""),
    ("start.ready_ms", "start to ready, ms", "{:.0f}", "≤ 50 ms"),
    ("start.rss_mib", "idle, resident MiB", "{:.1f}", "≤ 15 MiB"),
]


def log(*words):
    print(*words, file=sys.stderr, flush=True)


def figures_of(phase, result, direct):
    found = {}
    if "cpu_us" in result and phase not in ("evlat", "ttft"):
        found[f"{phase}.cpu_us"] = result["cpu_us"]
    if PHASES[phase] == "requests":
        found[f"{phase}.rps"] = result["rate"]
    tail = {"evlat": "lat_p50", "ttft": "ttfe_p50"}.get(phase)
    if tail and direct:
        found[f"{phase}.added_us"] = result.get(tail, 0) - direct.get(tail, 0)
    return found


def summarise(raw, base):
    """{system: {key: [(round, value)]}} to medians, and medians of the rounds' ratios to `base`."""
    summary = {}
    for name, keys in raw.items():
        summary[name] = {}
        for key, values in keys.items():
            each = [value for _, value in values]
            entry = {"median": statistics.median(each), "min": min(each), "max": max(each), "n": len(each)}
            reference = dict(raw.get(base, {}).get(key, []))
            if key.endswith("added_us") and reference:  # Differences near zero: the ratio of the medians.
                middle = statistics.median(reference.values())
                ratios = [entry["median"] / middle] if middle > 0 else []
            else:
                ratios = [value / reference[number] for number, value in values if reference.get(number)]
            if ratios:
                entry["ratio"] = statistics.median(ratios)
            summary[name][key] = entry
    return summary


def table(summary, names, base):
    lines = ["| what | goal | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    for key, title, form, goal in ROWS:
        if not any(key in summary.get(name, {}) for name in names):
            continue
        cells = []
        for name in names:
            entry = summary.get(name, {}).get(key)
            cell = form.format(entry["median"]) if entry else "–"
            if entry and "ratio" in entry and name not in (base, "direct"):
                cell += f" ({entry['ratio']:.2f} ×)"
            cells.append(cell)
        lines.append(f"| {title} | {goal} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def rounds_of(bench, systems, wanted, count, raw):
    """Every system runs every phase once in each round, in a new order: what disturbs one disturbs the others."""
    noise = []
    for number in range(count):
        order = systems[:]
        random.shuffle(order)
        for phase in [phase for phase in PHASES if phase in wanted]:
            direct = bench.phase(Direct(bench), phase) if phase in ("evlat", "ttft") else None
            for system in order:
                if phase == "wrongkey" and not system.spec.get("keys"):
                    continue
                result = bench.phase(system, phase)
                noise.append(result["noise"])
                if result["wrong"]:
                    log(f"  {system.name} {phase}: {int(result['wrong'])} of {int(result['finished'])} wrong: {result['stderr']}")
                for key, value in figures_of(phase, result, direct).items():
                    raw[system.name].setdefault(key, []).append((number, value))
        log(f"round {number + 1} of {count}: others used {100 * statistics.median(noise):.0f} % of the machine")
    return noise


def ready_systems(bench, specs, only):
    systems = []
    for spec, folder in specs:
        if only and spec["name"] not in only:
            continue
        try:
            system = System(spec, folder, bench)
            for _ in range(2):  # The first start fills the page cache.
                system.stop()
                system.start()
            systems.append(system)
            log(f"{system.name} {system.version()}: ready after {1000 * system.starts[-1]['ready_s']:.0f} ms")
        except Skip as reason:
            log(f"{spec['name']} is skipped: {reason}")
    return systems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--system", action="append", default=[], metavar="FILE.json")
    parser.add_argument("--only", default="", help="names of systems, comma separated")
    parser.add_argument("--phases", default="", help="some of " + ",".join(PHASES) + ",hold,strace")
    parser.add_argument("--rounds", type=int, default=0, help="default 5, with --quick 2")
    parser.add_argument("--run-s", type=float, default=1.0, help="seconds of each load")
    parser.add_argument("--hold", type=int, default=0, help="streams held open (2000)")
    parser.add_argument("--base", default="nginx", help="the system that ratios refer to")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-spin", action="store_true", help="let idle cores halt")
    parser.add_argument("--keep", action="store_true", help="keep the scratch folder with the systems' logs")
    parser.add_argument("--out", metavar="FILE.json")
    options = parser.parse_args()
    wanted = set(options.phases.split(",")) if options.phases else set(PHASES) | {"hold"} | (set() if options.quick else {"strace"})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    bench = Bench(options)
    try:
        bench.build()
        bench.start()
        specs = builtin() + [load(path) for path in [os.path.join(HERE, "evenkeel.json"), *options.system]]
        systems = ready_systems(bench, specs, set(filter(None, options.only.split(","))))
        raw = {system.name: {"start.ready_ms": [(0, 1000 * system.starts[-1]["ready_s"])],
                             "start.rss_mib": [(0, system.starts[-1]["memory"]["rss"] / 1024)]} for system in systems}
        noise = rounds_of(bench, systems, wanted, options.rounds or (2 if options.quick else 5), raw)
        for system in systems:
            system.stop()
            if "hold" in wanted:
                for key, value in bench.hold(system).items():
                    raw[system.name]["hold." + key] = [(0, value)]
            if "strace" in wanted:
                for key, value in bench.syscalls(system).items():
                    raw[system.name]["sys." + key] = [(0, value)]
        summary = summarise(raw, options.base)
        print(table(summary, [system.name for system in systems], options.base))
        if noise and statistics.median(noise) > 0.15:
            print(f"\nNOISY: others used {100 * statistics.median(noise):.0f} % of the machine; wall-clock rows mean little.")
        if options.out:
            with open(options.out, "w") as file:
                json.dump({"summary": summary, "raw": raw, "noise": noise}, file, indent=1)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
