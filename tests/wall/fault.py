"""What one entry of the catalogue says."""
import dataclasses
import typing

from faults import untouched

# The limits that the wall sets everywhere, seconds: short, so that silence costs little. What `wait` names.
LIMITS = {"connect": 0.7, "first": 1.0, "reasoning": 2.0, "idle": 1.0, "answer": 2.5, "total": 4.0}


@dataclasses.dataclass(frozen=True)
class Fault:
    """expect, where the other provider is well:
        rescued   the whole answer, from the other one
        healthy   odd but legal: the whole answer, from this one
        either    the whole answer, from whichever
        refused   the request itself is refused: told at once, nobody else is asked
        larger    too long for this model: the other one, whose window is larger, answers
    where nobody is well (`queue`): answered (later, whole, once), or held (the provider said "not for hours").
    wait: the limit of LIMITS, or the seconds, that it takes to notice. tools: a tool call is asked for.
    """
    id: str
    group: str
    what: str                       # For people: what the provider does.
    edit: typing.Callable = untouched
    expect: str = "rescued"
    wait: str | float = 0.0
    dialects: tuple = ("openai",)
    accept: str = ""                # How connections are taken: refuse, blackhole, rst, fin, stall, garbage, tls-….
    tls: str = ""                   # A kind of tls.py; https is spoken then.
    host: str = ""                  # A host name instead of the address.
    begun: bool = False             # Words were sent before it breaks: the other provider's words matter.
    reused: bool = False            # Only on a connection that carried an answer before.
    tools: bool = False
    queue: str = "answered"
    quick: bool = False             # In the slice that every ./test runs.
    limit_only: bool = False        # Ends by a limit on size or time; several verdicts of ours are right.

    def waits(self, surface):
        """Seconds until it can be noticed there."""
        if isinstance(self.wait, float):
            return self.wait
        # A JSON document shows nothing until it is whole, so only its own limit can end the wait.
        return max(LIMITS[self.wait], LIMITS["answer"] if surface == "json" and self.wait != "connect" else 0.0)
