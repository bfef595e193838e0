#!/usr/bin/env python3
"""Drives `evenkeel serve` with the unmodified clients that people use.

run.py [--program PATH] [PATTERN]    PATTERN: part of a test's name

The clients come from their registries in the versions of `requirements*.txt` and `package.json`; they are installed
once below build/clients and again when those files change.
"""
import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PLACE = HERE.parents[1] / "build" / "clients"


def install(name, wanted, commands):
    """Runs `commands` in a fresh PLACE/name unless that was done for this content of `wanted`."""
    place = PLACE / name
    mark = place / ".installed"
    content = hashlib.sha256((HERE / wanted).read_bytes() + sys.version.encode()).hexdigest()
    if mark.exists() and mark.read_text() == content:
        return place
    print(f"installing {wanted} below {place}", flush=True)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for command in commands(place):
        subprocess.run(command, check=True, cwd=place)
    mark.write_text(content)
    return place


def python_clients(name, wanted):
    return install(name, wanted, lambda place: [
        [sys.executable, "-m", "venv", str(place)],
        [str(place / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "-r", str(HERE / wanted)]])


def node_clients():
    if not shutil.which("npm"):
        sys.exit("npm is missing: tools/install clients")
    return install("node", "package.json", lambda place: [
        ["cp", str(HERE / "package.json"), str(place)],
        ["npm", "install", "--silent", "--no-audit", "--no-fund"]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/evenkeel")
    parser.add_argument("pattern", nargs="?", default="")
    options = parser.parse_args()
    if "EVENKEEL_CLIENTS" not in os.environ:
        home = python_clients("python", "requirements.txt")
        env = {**os.environ, "EVENKEEL_PROGRAM": str(pathlib.Path(options.program).resolve()),
               "EVENKEEL_CLIENTS": str(PLACE), "EVENKEEL_APPS": str(python_clients("apps", "requirements-apps.txt")),
               "EVENKEEL_NODE": str(node_clients())}
        # The tests run inside the first of them.
        return subprocess.run([home / "bin" / "python", HERE / "run.py", *sys.argv[1:]], env=env).returncode
    return run_modules(options.pattern)


def run_module(path, pattern):
    """One file of tests in a process of its own: what it wrote, how many ran, and whether all passed."""
    command = [sys.executable, "-W", "ignore", "-m", "unittest", "-v", path.stem]
    done = subprocess.run(command + (["-k", pattern] if pattern else []), cwd=HERE, capture_output=True, text=True)
    ran = re.search(r"^Ran (\d+) test", done.stderr, re.M)
    failed = sum(int(n) for n in re.findall(r"(?:failures|errors)=(\d+)", done.stderr))
    count = int(ran.group(1)) if ran else 0
    # Nothing to run is no failure where a pattern was given.
    well = done.returncode == 0 or (pattern and ran and count == 0)
    return done.stderr, count, max(failed, 0 if well else 1)


def run_modules(pattern):
    """All files at once, a few at a time: they mostly wait for answers."""
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        for wrote, ran, bad in pool.map(lambda path: run_module(path, pattern), sorted(HERE.glob("test_*.py"))):
            if ran or bad:
                print(wrote, end="", flush=True)
            passed += max(0, ran - bad)
            failed += bad
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
