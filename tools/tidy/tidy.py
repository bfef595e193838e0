#!/usr/bin/env python3
"""The house rules that a machine can check. Prints one line per offence and exits 1 if there is any.

tidy.py [FOLDER]     checks the checkout (default: the one this file lies in)
"""
import pathlib
import re
import subprocess
import sys

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 120

# Which module may include which: the arrows of ARCHITECTURE.md. A module may always include itself.
MAY_INCLUDE = {
    "core": set(),
    "os": {"core"},
    "net": {"core"},
    "llm": {"core", "net"},
    "resilience": {"core", "llm"},
    "store": {"core"},
    "chat": {"core", "llm", "resilience", "store"},
    "access": {"core", "store"},
    "config": {"core", "os"},
    "practice": {"core", "net"},
    "control": {"core", "os", "net", "chat", "store"},
    "terminal": {"core", "os", "chat", "store"},
    "telemetry": {"core"},
    "http": {"core", "net", "llm", "access", "store", "chat", "telemetry"},
    "daemon": {"core", "os", "net", "llm", "resilience", "store", "access", "chat", "config", "practice", "control", "telemetry", "terminal", "http"},
    "library": {"core", "os", "net", "llm", "resilience", "store", "chat", "config", "control", "daemon"},
}
# Of these modules others may include only the contract headers named here.
CONTRACTS = {
    ("resilience", "llm"): {"provider.hpp", "provider_options.hpp", "event_buffer.hpp", "continued_request.hpp"},
    ("access", "store"): {"records.hpp", "key_records.hpp", "engine.hpp", "async_store.hpp"},
    ("control", "chat"): {"desk.hpp", "turn_json.hpp"},
    ("control", "store"): {"records.hpp"},
    ("http", "chat"): {"calls.hpp", "desk.hpp", "transcript.hpp"},
    ("http", "store"): {"records.hpp"},
    ("terminal", "chat"): {"desk.hpp", "turn_json.hpp"},
    ("terminal", "store"): {"records.hpp"},
}
# pattern, where it is allowed, what to use instead
BANS = [
    (r"\b(steady_clock|system_clock|high_resolution_clock)::now\b|\bclock_gettime\s*\(|\bgettimeofday\s*\(|\btime\s*\(\s*(nullptr|NULL|0)\s*\)",
     ("src/os/", "bench/"), "Env::now() or wall()"),
    (r"\bstd::this_thread::sleep|\busleep\s*\(|\bnanosleep\s*\(", ("bench/",), "sleep_for on the scheduler"),
    (r"\bstd::random_device\b|\bstd::rand\b|[^_\w]rand\s*\(\)", (), "Env::random"),
    (r"\b(std::)?getenv\s*\(", ("src/os/", "bench/"), "os environment snapshot"),
    (r"\bstd::(jthread|thread|async)\b", ("src/os/", "src/store/async_store", "src/net/loop_test", "tests/threads/", "bench/", "library/"), "a coroutine on the loop"),
    (r"#include\s*<(iostream)>", ("bench/", "examples/"), "fmt"),
]
LEFTOVERS = re.compile(r"\b(TODO|FIXME|XXX)\b|not implemented")
THIRD_PARTY = re.compile(r'#include\s*<(fmt|spdlog|toml\+\+|CLI|simdjson|openssl|ares|sqlite3|histedit|gtest|gmock)\b')
# Files without a test of their own, each with its reason.
UNTESTED = {
    "daemon/main.cpp": "only calls; driven by every test in tests/e2e",
    "daemon/program.cpp": "only calls; driven by tests/e2e/test_words.py",
    "daemon/application.cpp": "joins a process, its settings and the owner; driven by tests/e2e/test_queue.py and test_words.py",
    "daemon/run_command.cpp": "only calls; driven by tests/e2e/test_words.py",
    "daemon/run_doctor.cpp": "looks at the real world for doctor.cpp; driven by tests/e2e/test_words.py",
    "daemon/run_rehearse.cpp": "only calls; driven by tests/e2e/test_words.py",
    "daemon/run_serve.cpp": "only calls; driven by tests/e2e/test_queue.py and test_terminal.py",
    "daemon/run_talk.cpp": "only calls; driven by tests/e2e/test_ask.py and test_terminal.py",
    "frontends/terminal/line_editor.cpp": "needs a terminal; driven by tests/e2e/test_terminal.py",
}
SKIPPED_TESTS = re.compile(r"GTEST_SKIP|\bDISABLED_|EXPECT_TRUE\(true\)|SUCCEED\(\)")


def module_of(path):
    parts = path.parts
    if parts[0] == "src" or parts[0] == "frontends":
        return parts[1]
    return parts[0]


def functions(lines):
    """(first line number, length) of each braced body that follows a parameter list, outermost functions only."""
    head, stack = "", []
    for number, line in enumerate(lines, 1):
        code = re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])\'|//.*', "", line)
        for char in code:
            if char == "{":
                kind = "scope" if re.search(r"\b(namespace|class|struct|enum|union)\b[^;()]*$", head) else \
                    "function" if ")" in head else "other"
                stack.append((kind, number))
                head = ""
            elif char == "}":
                if stack:
                    kind, first = stack.pop()
                    if kind == "function" and all(k == "scope" for k, _ in stack):
                        yield first, number - first + 1
                head = ""
            elif char == ";":
                head = ""
            else:
                head += char
        head += " "


def check(root):
    tracked = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root, check=True, capture_output=True, text=True).stdout.split("\n")
    files = [pathlib.Path(name) for name in tracked if re.search(r"\.(cpp|hpp|py|sh)$", name) and (root / name).exists()]
    names = {str(f) for f in files}
    for path in files:
        lines = (root / path).read_text().split("\n")
        yield from check_size(path, lines)
        if path.suffix in (".cpp", ".hpp"):
            yield from check_source(path, lines)
            yield from check_includes(path, lines)
            test = str(path)[:-4] + "_test.cpp"
            if path.suffix == ".cpp" and path.parts[0] in ("src", "daemon", "frontends", "library") and not str(path).endswith("_test.cpp") \
                    and test not in names and str(path) not in UNTESTED:
                yield path, 1, f"has no {pathlib.Path(test).name} beside it"
    for name, reason in UNTESTED.items():
        drivers = [f"tests/e2e/{test}" for test in re.findall(r"\btest_[a-z_]+\.py\b", reason)]
        for needed in [name, *drivers]:
            if needed not in names:
                yield pathlib.Path("tools/tidy/tidy.py"), 1, f"lists {needed}, which is not there"


def check_size(path, lines):
    if len(lines) - 1 > FILE_LINES_MAX:
        yield path, FILE_LINES_MAX, f"has {len(lines) - 1} lines; at most {FILE_LINES_MAX}: split it along a seam a reader would expect"


def check_source(path, lines):
    name = str(path)
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            yield path, number, f"has {len(line)} columns; at most {COLUMNS_MAX}"
        if LEFTOVERS.search(line):
            yield path, number, "is a leftover marker: do it or delete it"
        if SKIPPED_TESTS.search(line):
            yield path, number, "skips a test or cannot fail"
        code = line.split("//")[0]
        for pattern, allowed, instead in BANS:
            if re.search(pattern, code) and not any(name.startswith(prefix) for prefix in allowed):
                yield path, number, f"uses {re.search(pattern, code).group(0).strip()}; use {instead}"
    if path.suffix == ".hpp":
        if "#pragma once" not in lines[:3]:
            yield path, 1, "lacks #pragma once at its top"
        if path.parts[0] not in ("cmake",):
            for number, line in enumerate(lines, 1):
                if THIRD_PARTY.search(line) and "testing" not in path.parts[0]:
                    yield path, number, "includes a third-party header; keep it in the .cpp that uses it"
    if not name.endswith("_test.cpp") and path.suffix == ".cpp":
        for first, length in functions(lines):
            if length > FUNCTION_LINES_MAX:
                yield path, first, f"begins a function of {length} lines; at most {FUNCTION_LINES_MAX}"


def check_includes(path, lines):
    module = module_of(path)
    if module not in MAY_INCLUDE:
        return
    test = str(path).endswith("_test.cpp")
    for number, line in enumerate(lines, 1):
        found = re.match(r'#include "([a-z_]+)/([^"]+)"', line)
        if not found:
            continue
        target, rest = found.groups()
        if target == "frontends":
            target, rest = rest.split("/", 1)
        if target == module or (test and target in ("testing", "tests")):
            continue
        if target == "evenkeel" and module == "library":
            continue
        if target not in MAY_INCLUDE:
            yield path, number, f"includes {target}/{rest}, which is no module"
        elif target not in MAY_INCLUDE[module] and not test:
            yield path, number, f"{module} must not include {target} (ARCHITECTURE.md)"
        elif (module, target) in CONTRACTS and rest not in CONTRACTS[module, target] and not test:
            yield path, number, f"{module} may include of {target} only {', '.join(sorted(CONTRACTS[module, target]))}"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    offences = list(check(root))
    for path, line, what in offences:
        print(f"{path}:{line}: {what}")
    print(f"tidy: {len(offences)} offences" if offences else "tidy: in order")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
