"""How Evenkeel is asked: by command, by a program that links it, through the gateway. Each gives a `Seen`.

A surface is `async surface(cell) -> Seen`; `cell` holds the settings, the environment and the question.
"""
import json
import re

from client import Seen, ask_ollama, ask_openai, run

HANG_S = 30.0    # Well past every limit that the wall sets.
QUEUE_S = 40.0  # Until the queue must have been worked once the providers are back.


def _json(data):
    try:
        return json.loads(data.decode())
    except ValueError:
        return {}


def _of_command(code, out, err, seconds):
    seen = Seen("", seconds=seconds, status=code if code is not None else -1, raw=out + err,
                message=err.decode(errors="replace").strip().replace("\n", " ")[:300])
    seen.ended = {0: "whole", 65: "refused", 75: "queued", None: "hang"}.get(code, "error")
    return seen


async def ask(cell):
    """`ask --json`: one question, the whole answer or a receipt."""
    seen = _of_command(*await run([cell.program, "ask", cell.question, "--json"], cell.env, cell.dir, HANG_S))
    answer = _json(seen.raw[:seen.raw.rfind(b"}\n") + 1] if seen.ended == "whole" else b"")
    seen.text, seen.provider = answer.get("content", ""), answer.get("provider", "")
    return seen


async def pipe(cell):
    """`ask --stream` into a pipe: what was shown cannot be taken back, so a break ends with 75 and the queue."""
    code, out, err, seconds = await run([cell.program, "ask", cell.question, "--stream"], cell.env, cell.dir, HANG_S)
    seen = _of_command(code, out, err, seconds)
    seen.text = out.decode(errors="replace").strip("\n")
    if seen.ended == "queued":
        await _work_queue(cell, seen)
    return seen


async def chat(cell):
    """`chat` with the question on a pipe."""
    code, out, err, seconds = await run([cell.program, "chat"], cell.env, cell.dir, HANG_S,
                                        cell.question.encode() + b"\n")
    seen = _of_command(code, out, err, seconds)
    seen.text = out.decode(errors="replace").strip("\n")
    return seen


async def library(cell):
    """A program that links the library and streams."""
    code, out, err, seconds = await run([cell.driver, cell.question], cell.env, cell.dir, HANG_S)
    answer = _json(out)
    seen = _of_command(code, out, err, seconds)
    seen.ended = "hang" if code is None else {"answered": "whole"}.get(answer.get("status", "error"),
                                                                      answer.get("status", "error"))
    seen.text, seen.provider = answer.get("text", ""), answer.get("provider", "")
    if seen.ended == "whole" and answer.get("streamed") != answer.get("text"):
        seen.notes.append("what was streamed is not the answer")
    return seen


async def queue(cell):
    """Nobody answers; then they are back, and the queue is worked."""
    code, out, err, seconds = await run([cell.program, "ask", cell.question, "--json"], cell.env, cell.dir, HANG_S)
    seen = _of_command(code, out, err, seconds)
    if seen.ended == "queued":
        await _work_queue(cell, seen)
    return seen


ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+")


async def _work_queue(cell, seen):
    """The providers are back; what the receipt names must come to a whole answer, once."""
    await cell.recover()
    receipt = ID.search(seen.raw.decode(errors="replace"))
    if not receipt:
        seen.notes.append("a receipt without an id")
        return
    code, out, err, seconds = await run([cell.program, "queue", "run", "--until-empty"], cell.env, cell.dir, QUEUE_S)
    seen.raw += out + err
    seen.notes.append(f"queue worked in {seconds:.1f} s, exit {code}")
    shown = await run([cell.program, "queue", "show", receipt.group(), "--json"], cell.env, cell.dir, HANG_S)
    job = _json(shown[1])
    seen.raw += shown[1] + shown[2]
    answer = job.get("answer") or ""
    seen.later = answer if isinstance(answer, str) else answer.get("content", answer.get("text", ""))
    seen.notes.append(f"state {job.get('state')}")


async def stream(cell):
    """POST /v1/chat/completions, streaming."""
    await cell.gateway()
    return await ask_openai(cell.port, cell.question, True, HANG_S, cell.fault.tools, cell.headers)


async def json_(cell):
    """POST /v1/chat/completions, one JSON document."""
    await cell.gateway()
    return await ask_openai(cell.port, cell.question, False, HANG_S, cell.fault.tools)


async def ollama(cell):
    """POST /api/chat, streaming lines."""
    await cell.gateway()
    return await ask_ollama(cell.port, cell.question, HANG_S, cell.headers)


SURFACES = {"library": library, "stream": stream, "json": json_, "ollama": ollama, "queue": queue, "ask": ask,
            "pipe": pipe, "chat": chat}
HTTP = ("stream", "json", "ollama")
