"""The library as another program gets it: installed, found by CMake, compiled with one header, and run."""
import pathlib
import shutil
import subprocess
import tempfile

from harness import PROGRAM, Case, Finished, eventually

BUILT = PROGRAM.parent
PROJECT = pathlib.Path(__file__).resolve().parents[2]


def cmake(*arguments):
    done = subprocess.run(["cmake", *map(str, arguments)], capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise AssertionError(f"cmake {arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")


def compilers():
    """Ours, and the one that a plain Debian machine has."""
    cache = (BUILT / "CMakeCache.txt").read_text()
    ours = next(line for line in cache.splitlines() if line.startswith("CMAKE_CXX_COMPILER:")).partition("=")[2]
    return [ours, *filter(None, [shutil.which("g++")])]


class Library(Case):
    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="evenkeel-installed-"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        cls.prefix = cls.place / "prefix"
        cmake("--install", BUILT, "--prefix", cls.prefix)
        shutil.copytree(PROJECT / "examples", cls.place / "examples")
        cls.chatbots = []
        for number, compiler in enumerate(compilers()):
            build = cls.place / f"build{number}"
            cmake("-S", cls.place / "examples", "-B", build, f"-DCMAKE_PREFIX_PATH={cls.prefix}",
                  f"-DCMAKE_CXX_COMPILER={compiler}", "-DCMAKE_BUILD_TYPE=Release")
            cmake("--build", build)
            cls.chatbots.append(build / "chatbot")

    def run_chatbot(self, program, *arguments, env):
        done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=30, env=env, cwd=self.dir)
        return Finished(done.returncode, done.stdout, done.stderr, 0)

    def test_the_installed_tree_holds_program_archive_and_one_header(self):
        files = {str(f.relative_to(self.prefix)) for f in self.prefix.rglob("*") if f.is_file()}
        self.assertEqual([f for f in files if f.endswith((".hpp", ".h"))], ["include/evenkeel/evenkeel.hpp"])
        self.assertIn("bin/evenkeel", files)
        self.assertEqual([f for f in files if f.endswith(".a")], [next(f for f in files if f.endswith("/libevenkeel.a"))])
        done = subprocess.run([self.prefix / "bin/evenkeel", "--version"], capture_output=True, text=True, timeout=30)
        self.assertRegex(done.stdout, r"^evenkeel \d")

    def test_the_package_names_nothing_of_the_machine_that_built_it(self):
        for file in self.prefix.rglob("*.cmake"):
            self.assertNotIn(str(PROJECT), file.read_text(), file)

    def test_the_example_is_at_most_thirty_lines(self):
        self.assertLessEqual(len((PROJECT / "examples/chatbot.cpp").read_text().splitlines()), 30)

    def test_the_documentation_quotes_the_example_that_was_built(self):
        self.assertIn((PROJECT / "examples/chatbot.cpp").read_text(), (PROJECT / "docs/library.md").read_text())

    def test_a_program_that_links_it_needs_no_terminal_library(self):
        for chatbot in self.chatbots:
            needed = subprocess.run(["ldd", chatbot], capture_output=True, text=True, timeout=30).stdout
            self.assertIn("libsqlite3", needed)
            self.assertNotIn("libedit", needed)

    def test_practice_answers_once_with_figures_and_once_as_a_stream(self):
        for chatbot in self.chatbots:
            done = self.run_chatbot(chatbot, "--practice", env=self.bare_env())
            self.assertEqual(done.code, 0, done)
            self.assertIn("capital of France", done.out)
            self.assertRegex(done.out, r"\[cloud, \S+, \d+ ms, [1-9]\d*\+[1-9]\d* tokens\]")
            self.assertIn("And of Italy?", done.out)
            self.assertEqual(done.err, "")

    def test_configured_providers_are_asked_and_the_second_takes_over(self):
        self.use_practice()
        for fault, provider in (("healthy", "cloud"), ("reset", "local"), ("cut-3", "local"), ("refuse", "local")):
            with self.subTest(fault=fault):
                self.practice.fault("cloud", fault)
                done = self.run_chatbot(self.chatbots[0], env=self.env() | {"EVENKEEL_DATA": str(self.dir / fault)})
                self.assertEqual(done.code, 0, done)
                self.assertIn(f"[{provider}, practice, ", done.out)

    def test_a_question_is_queued_worked_by_the_command_and_its_answer_handed_over_once(self):
        self.use_practice()
        self.practice.both("refuse")
        env = self.env()
        done = self.run_chatbot(self.chatbots[0], env=env)
        self.assertEqual(done.code, 0, done)
        self.assertEqual([entry["question"] for entry in self.queue()],
                         ["What is the capital of France?", "And of Italy?"])
        self.practice.both("healthy")
        self.serve()
        eventually(lambda: self.queue() == [], "the queue is worked")
        done = self.run_chatbot(self.chatbots[0], env=env)
        self.assertEqual(done.out.count("late: "), 2, done)
        done = self.run_chatbot(self.chatbots[0], env=env)
        self.assertEqual(done.out.count("late: "), 0, done)

    def test_wrong_settings_are_explained_to_the_program(self):
        (self.dir / "evenkeel.toml").write_text('[chat]\nmax_tokens = "many"\n')
        done = self.run_chatbot(self.chatbots[0], env=self.env())
        self.assertEqual(done.code, 78, done)
        for part in ("evenkeel.toml, line 2", "max_tokens", "many"):
            self.assertIn(part, done.err)
