"""One cell of the wall: a fault on a surface, with providers, settings and data of its own. And which cells there are."""
import asyncio
import os
import pathlib
import shutil
import tempfile
import uuid

from catalogue import FAULTS
from client import ask_ollama, ask_openai
from fault import LIMITS
from provider import Provider
from surfaces import HTTP, SURFACES
from words import canonical, text_of

SLACK_S = 1.5
CANARY = "sk-canary-5f3c9a7e21d84b06"
# How the other provider stands. same: well, says the same words. other: well, other words, and it continues a text.
# restarts: other words, and it begins anew whatever is asked. rejects: refuses to continue. down: ill in the same way.
# complete: as rejects, but the caller asked for a stream that is held until it is whole.
VARIANTS = ("same", "other", "restarts", "rejects", "complete", "down")
OTHER_WORDS = ("rst-after-40", "stall-after-40", "end-after-40", "error-event-done", "no-finish", "bad-event")
DOWN = ("refuse", "500", "429-after-1", "stall-before-headers", "html-200", "empty-answer", "rst-after-40", "stall-after-40",
        "401-echo", "204")


def not_applicable(system, fault, dialect, surface, variant="same"):
    """Why there is no such cell; "" where there is one. These are all the rules."""
    if dialect not in fault.dialects:
        return "the fault belongs to the other dialect"
    if system != "evenkeel":
        if surface not in HTTP:
            return "the system has no such surface"
        if (surface == "ollama") != (dialect == "ollama"):
            return "the system does not translate between dialects"
        if system == "nginx" and fault.host:
            return "nginx does not start with a name that does not resolve"
    if fault.tools and surface not in ("stream", "json"):
        return "tools are called through the OpenAI dialect"
    if fault.reused and surface not in HTTP:
        return "each command opens connections of its own"
    if surface == "queue" and (fault.expect != "rescued" or fault.limit_only):
        return "no question is queued: it is answered or refused"
    if surface == "json" and getattr(fault.edit, "stream_only", False):
        return "a document has no events"
    if variant == "complete" and system != "evenkeel":
        return "only Evenkeel holds a stream back"
    if variant in ("other", "restarts", "rejects", "complete") and (surface not in ("stream", "ollama") or fault.id not in OTHER_WORDS):
        return "only a stream that broke after its first words meets other words"
    if variant == "down" and (surface not in HTTP or fault.id not in DOWN):
        return "both down: the gateway's refusal, for the faults of DOWN; the queue has a surface of its own"
    return ""


def cells(system):
    """Every cell of a system as (fault, dialect, surface, variant), in the order of the catalogue."""
    for fault in FAULTS.values():
        for dialect in ("openai", "ollama"):
            for surface in SURFACES:
                for variant in VARIANTS:
                    if not not_applicable(system, fault, dialect, surface, variant):
                        yield fault, dialect, surface, variant


def id_of(fault, dialect, surface, variant):
    return f"{fault.id}/{dialect}/{surface}" + ("" if variant == "same" else f"/{variant}")


class Cell:
    limits = LIMITS
    models = {"first": "wall", "second": "wall"}  # What each provider is asked for.
    route = 'account_probe_every = "1s"\nfree_check_every = "500ms"'
    other_dialect = True  # The other provider speaks the other dialect, where the system translates.

    def __init__(self, run, system, fault, dialect, surface, variant):
        self.run, self.system, self.fault, self.dialect = run, system, fault, dialect
        self.surface, self.variant = surface, variant
        self.id = id_of(fault, dialect, surface, variant)
        self.program, self.driver = run.program, run.driver
        self.question = f"What is known of {uuid.uuid4().hex[:12]}?"
        self.front, self.port, self.fallback_tls = None, 0, None

    @property
    def both_ill(self):
        return self.surface == "queue" or self.variant == "down"

    def expected(self):
        """The texts that are whole answers."""
        return [text_of(canonical(self.question, variant)) for variant in ("same", "other")]

    async def __aenter__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="evenkeel-wall-"))
        tls = self.run.authorities.shown(self.fault.tls) if self.fault.tls else None
        translates = self.system.name == "evenkeel"
        other = {"openai": "ollama", "ollama": "openai"}[self.dialect] if translates and self.other_dialect else \
            self.dialect
        says = "same" if self.variant in ("same", "down") else "other"
        self.ill = Provider(self.dialect, tls=tls).bind()
        well_tls = self.run.authorities.shown("good") if tls and not translates else None
        self.well = Provider(other, says, {"restarts": "restart", "rejects": "reject", "complete": "reject"}.get(self.variant, "continue"),
                             tls=well_tls).bind()
        await self.ill.start(self.fault)
        await self.well.start(self._also() if self.both_ill else None)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.dir), "LANG": "C.UTF-8", "TZ": "UTC",
                    "EVENKEEL_DATA": str(self.dir / "data"), "EVENKEEL_CONFIG": str(self.dir / "evenkeel.toml"),
                    "NANOGPT_API_KEY": CANARY}
        self.system.configure(self)
        return self

    def _also(self):
        """What the other provider suffers where both are ill: the same where it can."""
        fits = self.well.dialect in self.fault.dialects and not self.fault.tls and not self.fault.host
        return self.fault if fits else FAULTS["refuse"]

    async def recover(self):
        await self.ill.recover()
        await self.well.recover()

    async def gateway(self):
        await self.system.start(self)
        if self.fault.reused:
            warm = "An answer before."
            await (ask_ollama(self.port, warm, 5.0) if self.surface == "ollama" else
                   ask_openai(self.port, warm, self.surface == "stream", 5.0))

    async def look(self):
        return await SURFACES[self.surface](self)

    async def __aexit__(self, *failure):
        if self.front:
            await self.system.stop(self)
        await self.ill.stop()
        await self.well.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    @property
    def headers(self):
        return (("x-evenkeel-complete-first", "true"),) if self.variant == "complete" else ()

    def upstream(self, provider):
        """Where the system finds that provider."""
        if self.fault.host and provider is self.ill:
            return f"http://{self.fault.host}:{provider.port}"
        return provider.url()

    def logs(self):
        """What the programs of this cell wrote down, to look for secrets."""
        return b"".join(path.read_bytes() for path in self.dir.rglob("*")
                        if path.is_file() and path.suffix in (".log", ".err", ".db", ".db-wal", ".sqlite"))


async def listens(port, process, limit_s=10.0):
    """Waits until the port takes connections; False where the process ended or nothing came."""
    for _ in range(int(limit_s / 0.02)):
        if process.returncode is not None:
            return False
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return True
        except OSError:
            await asyncio.sleep(0.02)
    return False


def limit_of(cell):
    """Seconds within which a whole answer counts as in time: a healthy one, the wait to notice, and slack.

    The slack is for a machine that runs many cells at once; what fail-over really adds, failoverbench.py measures.
    """
    return 0.25 + cell.fault.waits(cell.surface) * (2 if cell.both_ill else 1) + SLACK_S


__all__ = ["CANARY", "Cell", "LIMITS", "cells", "id_of", "limit_of", "listens", "not_applicable"]
