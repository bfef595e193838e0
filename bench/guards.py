#!/usr/bin/env python3
"""What one relayed request and one relayed event may cost, in counts that no other load on the machine can change.

    python3 bench/guards.py [--program build/release/evenkeel]

Counts system calls (strace), calls of the heap (a preloaded counter) and instructions in user space (callgrind), each
over many requests and events against the mock provider, and ends with 1 where a count is above its limit. A counter
whose tool is not installed is told and passed over.
"""
import argparse
import os
import shutil
import signal
import struct
import subprocess
import sys
import time

from phases import Bench
from systems import HERE, load, System

REQUESTS, STREAMS, EVENTS = 1000, 20, 200
LIMITS = {
    "system calls per request, 32 connections": 5.0,
    "system calls per request, 1 connection": 7.0,
    "system calls per event, 16 streams": 3.4,
    "heap calls per request": 4.0,
    "heap calls per event": 0.1,
    "instructions per request, 2 KB": 50_000,
    "instructions per event, 20-byte tokens": 10_500,
}


def preloaded(bench, spec, folder):
    """Heap calls per request and per event, of a process that is warm."""
    library, counter = bench.program("count_heap.so"), bench.program("heap")
    compiler = shutil.which("clang++-19") or shutil.which("g++")
    subprocess.run([compiler, "-O2", "-std=c++23", "-fPIC", "-shared", "-o", library, os.path.join(HERE, "count_heap.cpp")], check=True)
    system = System({**spec, "env": {**spec.get("env", {}), "LD_PRELOAD": library, "COUNT_HEAP": counter}}, folder, bench)
    system.start()

    def calls(*words):
        with open(counter, "rb") as file:
            before = struct.unpack("Q", file.read(8))[0]
        done = bench.client(system, *words)
        with open(counter, "rb") as file:
            return struct.unpack("Q", file.read(8))[0] - before, done
    try:
        bench.client(system, "req", 8, 200, 2)
        bench.client(system, "sse", 8, 16, 2, 50, 1000)
        heap, done = calls("req", 8, REQUESTS, 2)
        yield "heap calls per request", heap / done["finished"]
        short, first = calls("sse", 8, STREAMS, 2, 20, 1000)
        heap, done = calls("sse", 8, STREAMS, 2, EVENTS, 1000)
        yield "heap calls per event", max(0, heap - short) / (done["events"] - first["events"])
    finally:
        system.stop()


def instructions(bench, spec, folder):
    """Instructions in user space, by callgrind; the process is warm before it counts."""
    out = bench.program("callgrind")
    prefix = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--instr-atstart=no"]
    system = System({**spec, "argv": prefix + spec["argv"], "ready_timeout": 120}, folder, bench)
    system.start()
    pid, dumps = system.process.pid, 0

    def count(*words):
        nonlocal dumps
        subprocess.run(["callgrind_control", "-i", "on", str(pid)], capture_output=True, check=True)
        time.sleep(0.3)
        done = bench.client(system, *words)
        subprocess.run(["callgrind_control", "-i", "off", str(pid)], capture_output=True, check=True)
        subprocess.run(["callgrind_control", "-d", str(pid)], capture_output=True, check=True)
        dumps += 1
        for _ in range(100):
            if os.path.exists(f"{out}.{dumps}"):
                break
            time.sleep(0.1)
        time.sleep(0.5)
        with open(f"{out}.{dumps}") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("totals:")), done
    try:
        bench.client(system, "req", 4, 200, 2)
        bench.client(system, "sse", 4, 8, 2, 20, 1000)
        total, done = count("req", 4, REQUESTS, 2)
        yield "instructions per request, 2 KB", total / done["finished"]
        short, first = count("sse", 4, STREAMS, 2, 20, 2000)
        total, done = count("sse", 4, STREAMS, 2, EVENTS, 2000)
        yield "instructions per event, 20-byte tokens", (total - short) / (done["events"] - first["events"])
    finally:
        system.stop()


def traced(bench, spec, folder):
    counts = bench.syscalls(System(spec, folder, bench))
    yield "system calls per request, 1 connection", counts["req_1conn"]
    yield "system calls per request, 32 connections", counts["req_32conn"]
    yield "system calls per event, 16 streams", counts["sse_16streams"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="")
    options = parser.parse_args()
    options.quick, options.run_s, options.hold, options.no_spin, options.keep = False, 1.0, 0, True, False
    if options.program:
        os.environ["EVENKEEL"] = os.path.abspath(options.program)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    bench, above = Bench(options), 0
    try:
        bench.build()
        bench.start()
        spec, folder = load(os.path.join(HERE, "evenkeel.json"))
        for tool, counter in (("strace", traced), (None, preloaded), ("valgrind", instructions)):
            if tool and not shutil.which(tool):
                print(f"{tool} is not installed: its counts are not looked at")
                continue
            for name, value in counter(bench, spec, folder):
                good = value <= LIMITS[name]
                above += not good
                print(f"{'good' if good else 'ABOVE':5}  {name}: {value:,.2f} (limit {LIMITS[name]:,})", flush=True)
    finally:
        bench.close()
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
