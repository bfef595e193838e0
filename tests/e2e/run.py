#!/usr/bin/env python3
"""Runs the end-to-end tests against a built program.

run.py --program PATH [--real] [PATTERN]    PATTERN: part of a test's name
"""
import argparse
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/evenkeel")
    parser.add_argument("--real", action="store_true", help="only the tests against a real Ollama; without one they fail")
    parser.add_argument("pattern", nargs="?", default="")
    options = parser.parse_args()
    os.environ["EVENKEEL_PROGRAM"] = str(pathlib.Path(options.program).resolve())
    sys.path.insert(0, str(HERE))
    loader = unittest.TestLoader()
    if options.pattern:
        loader.testNamePatterns = [f"*{options.pattern}*"]
    suite = loader.discover(str(HERE), pattern="real_*.py" if options.real else "test_*.py", top_level_dir=str(HERE))
    result = unittest.TextTestRunner(verbosity=2 if options.pattern else 1, buffer=False).run(suite)
    failed = len(result.failures) + len(result.errors)
    # A class that cannot be set up fails without having run a test.
    print(f"{max(0, result.testsRun - failed)} passed, {failed} failed")
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
