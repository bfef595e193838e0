"""clang-tidy over sources, on all cores: clang_tidy.py [FILE.cpp...], else over everything but the tests.

A source that was found in order is not looked at again until something it is judged by has changed: its own text, a
header of ours that it includes, however deep, its compiler flags, .clang-tidy, or the tool itself. What was found in
order is kept as empty files in build/lint, named by the hash of all that; removing the folder forgets it.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "tidy"
KNOWN = ROOT / "build" / "lint"
KNOWN_MAX = 5_000  # Stamps; the oldest go.
TOOL = "clang-tidy-19"
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.M)
NOISE = re.compile(r"^\d+ (warning|error).* generated\.$|^$")


def git_sources():
    """The tests are left to the compiler's own warnings: clang-tidy finds little in the test framework's macros."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "src/*.cpp", "daemon/*.cpp",
                             "frontends/*.cpp", "library/*.cpp"], cwd=ROOT, check=True, capture_output=True, text=True)
    return sorted(name for name in set(listed.stdout.split()) if not name.endswith("_test.cpp") and (ROOT / name).exists())


class Texts:
    """The text of each source and of the headers of ours it reaches."""

    def __init__(self):
        self.read = {}

    def of(self, path):
        """(hash of the text, headers named in it that exist here)."""
        if path not in self.read:
            text = path.read_bytes()
            named = (name.decode() for name in INCLUDE.findall(text))
            places = [(base / name).resolve() for name in named for base in (ROOT / "src", ROOT, ROOT / "include", path.parent)]
            self.read[path] = hashlib.sha256(text).hexdigest(), [place for place in places if place.is_file()]
        return self.read[path]

    def reached_from(self, source):
        seen, left = set(), [source]
        while left:
            path = left.pop()
            if path not in seen:
                seen.add(path)
                left += self.of(path)[1]
        return sorted(seen)


def tool_hash():
    version = subprocess.run([TOOL, "--version"], check=True, capture_output=True).stdout
    return hashlib.sha256(version + (ROOT / ".clang-tidy").read_bytes()).hexdigest()


def flags_of_sources():
    entries = json.loads((BUILD / "compile_commands.json").read_text())
    # The place of the checkout is no part of what is judged.
    return {str(pathlib.Path(e["file"]).resolve()): e["command"].replace(str(ROOT), "") for e in entries}


def key_of(source, texts, flags, tool):
    parts = [tool, flags.get(str(source), "")]
    parts += [f"{path.relative_to(ROOT)} {texts.of(path)[0]}" for path in texts.reached_from(source)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def examine(name):
    done = subprocess.run([TOOL, "--quiet", "-p", str(BUILD), name], cwd=ROOT, capture_output=True, text=True)
    found = [line for line in (done.stdout + done.stderr).splitlines() if not NOISE.match(line)]
    return done.returncode == 0, "\n".join(found)


def forget_oldest():
    stamps = sorted(KNOWN.iterdir(), key=lambda stamp: stamp.stat().st_mtime)
    for stamp in stamps[:-KNOWN_MAX]:
        stamp.unlink()


def main(arguments):
    names = arguments or git_sources()
    start = time.monotonic()
    # This preset has no precompiled headers, which clang-tidy could only read where they were built.
    subprocess.run(["cmake", "--preset", "tidy"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    texts, flags, tool = Texts(), flags_of_sources(), tool_hash()
    KNOWN.mkdir(parents=True, exist_ok=True)
    keys = {name: key_of((ROOT / name).resolve(), texts, flags, tool) for name in names}
    new = [name for name in names if not (KNOWN / keys[name]).exists()]
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, (clean, found) in zip(new, pool.map(examine, new)):
            if clean:
                (KNOWN / keys[name]).touch()
            else:
                wrong += 1
                print(found or f"{name}: {TOOL} failed", flush=True)
    forget_oldest()
    print(f"lint: {len(names) - wrong} of {len(names)} sources in order, {len(new)} looked at, "
          f"{time.monotonic() - start:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
