#!/usr/bin/env python3
"""Runs the fuzz targets over the kept corpus and beyond it.

run.py [--seconds N] [--keep] [TARGET ...]     default: every target, 60 s each, as many at once as there are cores

Exit 1 where an input broke what must hold; it lies in build/fuzz/found and is run again by
`build/fuzz/fuzz/fuzz_TARGET FILE`. --keep adds the inputs that reach new code to fuzz/corpus, where each line is one
input in base64.
"""
import argparse
import base64
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILT = ROOT / "build/fuzz/fuzz"
FOUND = ROOT / "build/fuzz/found"
INPUT_BYTES_MAX = 4096


def targets():
    return sorted(path.stem for path in (ROOT / "fuzz").glob("*.cpp") if path.stem != "fuzz")


def options(target):
    words = ROOT / "fuzz/words" / f"{target}.dict"
    chosen = [f"-max_len={INPUT_BYTES_MAX}", "-rss_limit_mb=2048", "-timeout=10", "-print_final_stats=1",
              f"-artifact_prefix={FOUND}/{target}-"]
    return chosen + ([f"-dict={words}"] if words.exists() else [])


def unpack(target, folder):
    lines = (ROOT / "fuzz/corpus" / target).read_text().split()
    for number, line in enumerate(lines):
        (folder / f"kept-{number}").write_bytes(base64.b64decode(line))


def pack(target, folder):
    inputs = sorted((path.read_bytes() for path in folder.iterdir()), key=lambda data: (len(data), data))
    (ROOT / "fuzz/corpus" / target).write_text("".join(base64.b64encode(data).decode() + "\n" for data in inputs))


def fuzz(target, seconds, keep):
    program = str(BUILT / f"fuzz_{target}")
    with tempfile.TemporaryDirectory() as folder:
        corpus, smallest = pathlib.Path(folder) / "corpus", pathlib.Path(folder) / "smallest"
        corpus.mkdir()
        smallest.mkdir()
        unpack(target, corpus)
        ran = subprocess.run([program, *options(target), f"-max_total_time={seconds}", str(corpus)],
                             capture_output=True, text=True, errors="replace", timeout=seconds * 5 + 120)
        figures = dict(re.findall(r"stat::(\w+):\s+(\d+)", ran.stderr))
        covered = re.findall(r"cov: (\d+)", ran.stderr)
        line = f"{target:15} {figures.get('number_of_executed_units', '?'):>10} inputs, {covered[-1] if covered else '?'} edges"
        if ran.returncode != 0:
            return False, line + "\n" + ran.stderr[-4000:]
        if keep:  # The smallest set of inputs that reaches what all of them reach.
            subprocess.run([program, "-set_cover_merge=1", f"-max_len={INPUT_BYTES_MAX}", str(smallest), str(corpus)],
                           check=True, capture_output=True)
            pack(target, smallest)
        return True, line


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("targets", nargs="*")
    chosen = parser.parse_args()
    unknown = set(chosen.targets) - set(targets())
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(targets())}")
    FOUND.mkdir(parents=True, exist_ok=True)
    held = True
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        runs = [pool.submit(fuzz, each, chosen.seconds, chosen.keep) for each in chosen.targets or targets()]
        for run in concurrent.futures.as_completed(runs):
            ok, text = run.result()
            held = held and ok
            print(("ok   " if ok else "BROKEN ") + text, flush=True)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
