"""The canonical answers: each question has one text of 62 words, the same from every provider that "says the same".

A provider that "says other words" answers from the same list with another seed. Every answer holds letters of two,
three and four bytes, so that text cut between two bytes shows.
"""
import hashlib

WORDS = 62
_LIST = ("harbour lantern keel rudder anchor naïve façade café piñata — tide current swell breeze gale squall mast boom "
         "sail halyard sheet cleat winch compass chart sounding buoy beacon foghorn pier quay jetty dock slip berth "
         "crew watch bosun purser galley hold hatch deck bridge helm wake prow stern port starboard league fathom knot "
         "voyage passage landfall horizon meridian latitude 海 港 船 🙂 ⚓ storm calm rain squid heron gull osprey cod "
         "ballast bilge hull plank rivet rope splice hitch bowline reef tack jibe luff drift ebb flood shoal").split()


def canonical(question, variant="same"):
    """The words of the answer to `question`; variant "other" says other words from the first one on."""
    seed = hashlib.sha256(f"{variant}\0{question}".encode()).digest()
    words, state = [], int.from_bytes(seed[:8], "big")
    for number in range(WORDS):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        words.append(_LIST[(state >> 33) % len(_LIST)])
        if number % 12 == 11:
            words[-1] += "."
    words[0] = ("So" if variant == "same" else "Well") + " " + words[0]
    return words


def text_of(words):
    return " ".join(words)


_COUNT = "one two three four five six seven eight nine ten"


def continued(words, prefill):
    """The words that follow `prefill`: the rest of this text where it begins with it, else as many as are missing.

    Who counts is counted on with, as every model would: that is how a gateway may find out whether texts are continued.
    """
    if prefill and _COUNT.startswith(prefill):
        return _COUNT[len(prefill):].split()
    text = text_of(words)
    if text.startswith(prefill):
        rest = text[len(prefill):]
        return rest.lstrip(" ").split(" ") if rest.strip() else []
    return words[min(len(prefill.split()), len(words) - 1):]
