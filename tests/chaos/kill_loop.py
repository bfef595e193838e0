#!/usr/bin/env python3
"""Kills the daemon again and again, at random moments and at named points between two steps of the store, and holds what
became of every message against the history that this client keeps.

kill_loop.py --program PATH [--kills N] [--seed S]

Checked for every message whose id was handed out: it is answered, once, with its own answer, in the order of its
conversation; an answer that was seen stays as it is, one that was said to be shown stays so; a submit that was repeated
with its key gave one message. A window reads the delivery stream in many of the lives, as a chat does, and shows what it
is handed: each answer stands in it once, under its question, in order. At times both providers fail until their circuit
breakers are open, and the lives that follow begin with what was remembered of that. Exit 1 with the offences if any.
"""
import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from control_client import Control  # noqa: E402

CONVERSATIONS = 6
OUTAGE_EVERY = 100    # Kills between two outages that open the breakers.
OUTAGE_LIVES = 6      # Begun while nobody can answer.
RECOVERY_LIVES_MAX = 60
SETTLED_AFTER_S = 12  # What a watcher was told of is not handed out again for 10 s (ChatOptions::told_grace).
OPEN_MAX = 24  # Beyond it nothing new is sent: a life may be too short for what waits.
RANDOM = "at random"
HITS_PER_POINT_MIN = 20
UNANSWERED_SHARE_MIN = 0.30
# What a cycle must do so that the named point is passed.
LEAD_UP = {"store.bury": "refused", "store.release": "down", "store.shown": "shown", "store.extend": "cut",
           "store.checkpoint": "forget"}
MOODS = {"well": "slow-1ms", "slow": "slow-8ms", "down": "status-503", "refused": "status-400", "cut": "cut-2",
         "shown": "slow-1ms", "forget": "slow-1ms"}


class Loop:
    def __init__(self, program, seed):
        self.program = str(pathlib.Path(program).resolve())
        self.random = random.Random(seed)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="evenkeel-kill-"))
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.dir), "LANG": "C.UTF-8",
                    "EVENKEEL_DATA": str(self.dir / "data"), "EVENKEEL_CONFIG": str(self.dir / "evenkeel.toml")}
        self.practice = subprocess.Popen([self.program, "practice"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=self.env)
        places = json.loads(self.practice.stdout.readline())
        self.steer_at = places["control"].removeprefix("http://").partition("/")[0]
        (self.dir / "evenkeel.toml").write_text(SETTINGS.format(**places))
        self.control = Control(self.dir / "data" / "control.sock", timeout=5)
        self.sent = {}           # key → message
        self.ids = {}            # key → id as handed out
        self.order = collections.defaultdict(list)  # conversation → keys in the order of their receipts
        self.histogram = collections.Counter()
        self.missed = collections.Counter()
        self.kills = self.kills_with_unanswered = 0
        self.behaviour = ""
        self.open = 0            # messages that owed an answer when last looked
        self.seen = {}           # id → the answer as first seen
        self.shown = set()       # ids of which the daemon confirmed that they were shown
        self.perhaps_shown = set()  # the same, and those where it died over it
        self.offences = []
        self.window = {}         # id → the text that stands in the window
        self.window_order = collections.defaultdict(list)  # conversation → keys in the order in which they were shown
        self.window_confirmed = set()  # ids of which the daemon wrote down that the window showed them
        self.redelivered = 0     # handed out again because the daemon died before it could write that down
        self.breakers_open = 0   # lives in which a breaker was seen open
        self.sensitive = False

    # -- the providers ---------------------------------------------------------------------------------------------------
    def steer(self, provider, behaviour):
        connection = http.client.HTTPConnection(self.steer_at, timeout=5)
        connection.request("POST", "/practice/fault", json.dumps({"provider": f"practice-{provider}", "behaviour": behaviour}))
        connection.getresponse().read()
        connection.close()

    def steer_for(self, mood):
        behaviour = MOODS[mood]
        if behaviour == self.behaviour:
            return
        self.steer("cloud", behaviour)
        self.steer("local", behaviour)
        self.behaviour = behaviour

    # -- one life of the daemon --------------------------------------------------------------------------------------------
    def start(self, failpoint=None):
        env = dict(self.env)
        if self.sensitive:
            env["EVENKEEL_ROUTE_FAILURES_IN_A_ROW"] = "2"
        if failpoint:
            env["EVENKEEL_FAILPOINTS"] = failpoint
        daemon = subprocess.Popen([self.program, "serve", "--quiet"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, env=env)
        deadline = time.monotonic() + 10
        while daemon.poll() is None and time.monotonic() < deadline:
            try:
                self.control.request("GET", "/who")
                return daemon
            except (OSError, http.client.HTTPException):
                time.sleep(0.004)
        return daemon

    def submit(self, key=None):
        if key is None:
            key = f"k{len(self.sent)}"
            conversation = f"c{self.random.randrange(CONVERSATIONS)}"
            self.sent[key] = {"frontend": "terminal", "conversation": conversation, "idempotency_key": key,
                              "text": f"[numbered] question {key} of {conversation}", "ttl_ms": 3_600_000}
        try:
            job = self.control.submit(self.sent[key])
        except (OSError, http.client.HTTPException, ValueError):
            return  # No receipt: it is asked again with the same key in a later life.
        if self.ids.setdefault(key, job) != job:
            self.offences.append(f"{key} was given two ids: {self.ids[key]} and {job}")
        conversation = self.sent[key]["conversation"]
        if key not in self.order[conversation]:
            self.order[conversation].append(key)

    def outage(self):
        """Nobody can answer until both breakers are open; then a few lives pass, and then the providers are back."""
        self.sensitive = True
        for _ in range(OUTAGE_LIVES):
            self.cycle(outage="down")
        self.sensitive = False
        for _ in range(RECOVERY_LIVES_MAX):
            before = self.breakers_open
            self.cycle(outage="well")
            if self.breakers_open == before and self.open < OPEN_MAX:
                return
        self.offences.append(f"the breakers were not closed after {RECOVERY_LIVES_MAX} lives with healthy providers")

    def cycle(self, point=None, outage=None):
        """`outage`: the mood of a life in one; else a life of its own."""
        mood_led = next((led for prefix, led in LEAD_UP.items() if point and point.startswith(prefix)), None)
        mood = outage or mood_led or ("well" if point else self.random.choice(["well", "well", "slow", "slow", "cut", "down"]))
        self.steer_for(mood)
        hit = f"{point}:{1 if mood_led else self.random.randrange(1, 3)}" if point else None
        daemon = self.start(hit)
        for key in [k for k in self.sent if k not in self.ids][:4]:
            self.submit(key)
        for _ in range(self.random.randrange(1, 4)):
            if daemon.poll() is None and (self.open < OPEN_MAX or (point and "accept" in point)):
                self.submit()
        if mood == "forget":
            self.forget_one()
        elif self.random.random() < 0.2 or mood == "shown":
            self.look_and_show(mood)
        elif self.random.random() < 0.6:
            self.look_through_window(self.random.random() * 0.15)
        # In an outage a life lasts until the health of the providers is written down, a quarter second after a change.
        wait = 2.0 if point else self.random.random() * 0.2 + (0.4 if outage else 0)
        died = self.wait_dead(daemon, wait)
        if outage:
            self.note_breakers()
        if point and died:
            self.histogram[point] += 1
        else:
            daemon.kill()
            daemon.wait()
            self.histogram[RANDOM] += 1
            if point:
                self.missed[point] += 1
        self.kills += 1
        if self.open:
            self.kills_with_unanswered += 1

    def wait_dead(self, daemon, seconds):
        """True if the daemon ended by itself within that time. Notes meanwhile whether answers are owed."""
        deadline = time.monotonic() + seconds
        looked = 0.0
        while time.monotonic() < deadline:
            if daemon.poll() is not None:
                return True
            if time.monotonic() - looked > 0.03:
                looked = time.monotonic()
                self.note_open()
            time.sleep(0.003)
        self.note_open()
        return daemon.poll() is not None

    def note_open(self):
        try:
            self.open = len(self.control.call("queue.list", limit=OPEN_MAX))
        except (OSError, http.client.HTTPException, ValueError):
            pass

    def note_breakers(self):
        try:
            if any(provider["phase"] != "closed" for provider in self.control.call("status")["providers"]):
                self.breakers_open += 1
        except (OSError, http.client.HTTPException, ValueError):
            pass

    def look_through_window(self, seconds):
        """Shows what the daemon hands out, one after the other, and says so after each. Like a chat it knows what it has
        shown: handed out again, that is not shown twice, only said again."""
        control = Control(self.control.path, timeout=max(seconds, 0.02))
        deadline = time.monotonic() + seconds
        try:
            for delivery in control.deliveries("terminal"):
                if "id" not in delivery:  # The owner says that it is ending.
                    return
                self.show_in_window(delivery)
                if time.monotonic() > deadline:
                    return
        except (OSError, http.client.HTTPException, ValueError):
            pass

    def show_in_window(self, delivery):
        job = delivery["id"]
        if job in self.window_confirmed or job in self.shown:
            self.offences.append(f"TWICE: {job} was handed out again after it was said to be shown")
        if job in self.window:
            self.redelivered += 1
            if self.window[job] != delivery["text"]:
                self.offences.append(f"TWICE: {job} was handed out with another text")
        else:
            self.window[job] = delivery["text"]
            if not delivery["conversation"].startswith("gone"):
                key = re.search(r"question (k\d+) ", delivery["question"]).group(1)
                self.window_order[delivery["conversation"]].append(key)
                if delivery["kind"] == "answer" and f"question {key} " not in delivery["text"]:
                    self.offences.append(f"{key} was shown with another question's answer")
        self.control.request("POST", f"/turns/{job}/shown", {})
        self.window_confirmed.add(job)

    def look_and_show(self, mood):
        """Reads the latest answers and marks some as shown, as a window would."""
        try:
            for entry in self.control.call("queue.export", all=True, limit=60):
                if "answer" not in entry:
                    continue
                if self.seen.setdefault(entry["id"], entry["answer"]) != entry["answer"]:
                    self.offences.append(f"TWICE: {entry['id']} has another answer than it had")
                if entry["state"] == "answered" and (mood == "shown" or self.random.random() < 0.3):
                    self.perhaps_shown.add(entry["id"])
                    self.control.request("POST", f"/turns/{entry['id']}/shown", {})
                    self.shown.add(entry["id"])
        except (OSError, http.client.HTTPException, ValueError):
            pass

    def forget_one(self):
        """Deletes a conversation: what was said in it leaves the file and its log at once."""
        try:
            conversation = f"gone{self.kills}"
            self.control.submit({"frontend": "terminal", "conversation": conversation, "text": "soon forgotten"})
            self.control.call("conversation.delete", id=conversation)
        except (OSError, http.client.HTTPException, ValueError):
            pass

    # -- the end ---------------------------------------------------------------------------------------------------------------
    def settle(self, limit_s=240):
        """Everything is mended; whatever was accepted must now end."""
        self.steer_for("well")
        daemon = self.start()
        for key in [k for k in self.sent if k not in self.ids]:
            self.submit(key)
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline and self.control.call("queue.list", limit=1):
            time.sleep(0.1)
        self.look_through_window(SETTLED_AFTER_S)  # It ends when nothing came for so long.
        entries = self.control.call("queue.export", all=True, limit=10_000)
        daemon.kill()
        daemon.wait()
        return entries

    def check(self, entries):
        by_id = {entry["id"]: entry for entry in entries}
        if len(by_id) != len(entries):
            self.offences.append("an id is listed twice")
        entries = [e for e in entries if not e["conversation"].startswith("gone")]
        keys_of = collections.Counter(re.search(r"question (k\d+) ", e["question"]).group(1) for e in entries)
        for key, count in keys_of.items():
            if count > 1:
                self.offences.append(f"{key} was accepted {count} times")
        for key, message in self.sent.items():
            entry = by_id.get(self.ids.get(key))
            if entry is None:
                self.offences.append(f"LOST: {key} ({self.ids.get(key, 'never accepted')})")
            elif entry["state"] in ("answered", "delivered"):
                self.check_answer(key, message, entry)
            elif entry["state"] != "refused":
                self.offences.append(f"{key} did not end: {entry['state']} ({entry['reason']})")
        self.check_order(by_id)
        self.check_window(by_id)

    def check_answer(self, key, message, entry):
        answer = entry["answer"]
        if self.seen.get(entry["id"], answer) != answer:
            self.offences.append(f"TWICE: {key} has another answer than it had")
        if entry["id"] in self.shown and entry["state"] != "delivered":
            self.offences.append(f"{key} was shown and is to be shown again")
        if f"question {key} " not in answer:
            self.offences.append(f"{key} got another question's answer")
        if [int(n) for n in re.findall(r"\[(\d+)\]", answer)] != list(range(1, 61)):
            self.offences.append(f"{key} got an answer that is not whole, or doubled")

    def check_order(self, by_id):
        for conversation, keys in self.order.items():
            ended = [(by_id[self.ids[k]]["ended_at"], k) for k in keys if self.ids[k] in by_id]
            for (before, first), (after, second) in zip(ended, ended[1:]):
                if before and after and before > after:
                    self.offences.append(f"ORDER: {second} of {conversation} ended before {first}")

    def check_window(self, by_id):
        for key, job in self.ids.items():
            entry = by_id.get(job)
            ended = entry and entry["state"] in ("answered", "delivered", "refused")
            if ended and job not in self.window and job not in self.perhaps_shown:
                self.offences.append(f"LOST: {key} has ended as {entry['state']} and was never handed out")
            if job in self.window and entry and "answer" in entry and self.window[job] != entry["answer"]:
                self.offences.append(f"{key} stands in the window with a text that is not its answer")
        for conversation, keys in self.window_order.items():
            receipts = [k for k in self.order[conversation] if k in keys]
            if keys != receipts:
                self.offences.append(f"ORDER: the window of {conversation} shows {keys[:12]} … after receipts {receipts[:12]} …")

    def close(self):
        self.practice.kill()
        self.practice.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


# Outside the outages the breakers hardly ever open, and the drain is not held to a rate: what is tried is the store, at
# full speed.
SETTINGS = """
[queue]
lease = "5s"
max_attempts = 1000000
max_crashes = 100
[route]
failures_in_a_row = 100
failure_calls_min = 10000
[[provider]]
name = "cloud"
kind = "openai"
base_url = "{cloud}"
model = "practice"
rate_limit = "10000/s"
[[provider]]
name = "local"
kind = "ollama"
base_url = "{local}"
model = "practice"
max_concurrent = 32
"""


def failpoints(program):
    """The names that can be hit over and over; a migration runs once in a database's life and has tests of its own."""
    text = subprocess.run([program, "practice", "--list-failpoints"], capture_output=True, text=True, check=True).stdout
    return [name for name in text.split() if "migration" not in name]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/evenkeel")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"kill loop: {options.kills} kills, seed {options.seed}", flush=True)
    loop = Loop(options.program, options.seed)
    points = failpoints(loop.program)
    start = time.monotonic()
    try:
        while loop.kills < options.kills:
            # Each point in turn until it was hit often enough, every second kill at random.
            if loop.kills % OUTAGE_EVERY == OUTAGE_EVERY // 2:
                loop.outage()
                continue
            lacking = [p for p in points if loop.histogram[p] < HITS_PER_POINT_MIN * 1.1 * options.kills / 1000]
            loop.cycle(loop.random.choice(lacking) if lacking and loop.kills % 2 else None)
            if loop.kills % 100 < 2:
                print(f"  {loop.kills} kills, {len(loop.ids)} messages accepted, {time.monotonic() - start:.0f} s", flush=True)
        loop.check(loop.settle())
    finally:
        loop.close()
    share = loop.kills_with_unanswered / loop.kills
    print(f"{loop.kills} kills in {time.monotonic() - start:.0f} s, {len(loop.ids)} messages accepted; "
          f"{share:.0%} of the kills found an accepted message unanswered")
    print(f"window: {len(loop.window)} answers and notices shown, {loop.redelivered} handed out again because a kill came before "
          f"it was written down; {loop.breakers_open} lives with an open breaker")
    for name in [RANDOM, *points]:
        print(f"  {loop.histogram[name]:5d}  {name}" + (f" (and {loop.missed[name]} lives did not come by)" if loop.missed[name] else ""))
    if options.kills >= 1000:
        loop.offences += [f"{name} was hit only {loop.histogram[name]} times" for name in points if loop.histogram[name] < HITS_PER_POINT_MIN]
        if share < UNANSWERED_SHARE_MIN:
            loop.offences.append("too few kills found an unanswered message: this shows little")
        if len(loop.window) < len(loop.ids) // 4 or not loop.breakers_open:
            loop.offences.append("too little was shown, or no breaker ever opened: this shows little")
    for offence in loop.offences[:40]:
        print("OFFENCE:", offence)
    print(f"{len(loop.ids)} passed, {len(loop.offences)} failed")
    return 1 if loop.offences else 0


if __name__ == "__main__":
    sys.exit(main())
