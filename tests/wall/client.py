"""The callers: a raw HTTP client that reads what really came, and commands that are run and timed.

`Seen` is what a caller got. `ended` says how it looks to one who believes what he is told:
    whole     it claims to be the whole answer (finish reason, done: true, exit code 0)
    refused   the request was refused (4xx, exit code 65)
    error     an error was told, before or in the middle of the answer
    broken    the connection broke, which every HTTP client notices
    bare      it ended in order, but without saying that it is whole
    shape     something that is none of this dialect: a web page, another document
    queued    a receipt
    hang      nothing for so long that the caller was stopped
"""
import asyncio
import contextlib
import dataclasses
import json
import time


@dataclasses.dataclass
class Seen:
    ended: str
    text: str = ""
    seconds: float = 0.0
    first_s: float = 0.0
    status: int = 0           # HTTP status or exit code.
    provider: str = ""
    message: str = ""         # What a person reads of the failure.
    retry_after: str = ""
    model: str = ""           # As the reply's body names it.
    usage: dict | None = None
    later: str = ""           # The answer that came from the queue.
    notes: list = dataclasses.field(default_factory=list)
    raw: bytes = b""          # Everything that came, to look for secrets.
    calls: list = dataclasses.field(default_factory=list)  # Tool calls, arguments joined.


TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}}}}]


async def post(port, path, body, limit_s, headers=()):
    """One request on a connection of its own; (status, headers, body, how the body ended, seconds, first byte)."""
    began = time.monotonic()
    reply = Incoming()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError as problem:
        reply.how = f"no connection: {problem}"
        return reply
    try:
        data = json.dumps(body).encode()
        head = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/json",
                f"Content-Length: {len(data)}", "Connection: close", *[f"{n}: {v}" for n, v in headers]]
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode() + data)
        async with asyncio.timeout(limit_s):
            await reply.read(reader, began)
    except TimeoutError:
        reply.how = "hang"
    except (OSError, EOFError, ValueError, asyncio.LimitOverrunError):
        reply.how = reply.how or "broken"
    finally:
        reply.seconds = time.monotonic() - began
        with contextlib.suppress(OSError):
            writer.transport.abort()
    return reply


class Incoming:
    """A reply as it comes; `how` is "" where it ended as its framing says."""

    def __init__(self):
        self.status, self.headers, self.body, self.how, self.head = 0, {}, b"", "", b""
        self.seconds, self.first_s = 0.0, 0.0

    async def read(self, reader, began):
        self.how = "broken"
        while True:
            self.head = await reader.readuntil(b"\r\n\r\n")
            lines = self.head.decode("latin-1").split("\r\n")
            self.status = int(lines[0].split(" ")[1])
            if self.status >= 200:
                break
        for row in lines[1:]:
            name, _, value = row.partition(":")
            self.headers[name.strip().lower()] = value.strip()
        self.first_s = time.monotonic() - began
        if "chunked" in self.headers.get("transfer-encoding", ""):
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                self.body += (await self._exactly(reader, size + 2))[:-2]
        elif "content-length" in self.headers:
            self.body = await self._exactly(reader, int(self.headers["content-length"]))
        elif self.status not in (204, 304):
            while piece := await reader.read(65536):
                self.body += piece
        self.how = ""

    async def _exactly(self, reader, size):
        try:
            return await reader.readexactly(size)
        except asyncio.IncompleteReadError as cut:
            self.body += cut.partial
            raise


BYTES_KEPT = 4 << 20


def _seen(reply):
    provider = reply.headers.get("x-evenkeel-provider", "")
    return Seen("", seconds=reply.seconds, first_s=reply.first_s, status=reply.status, provider=provider,
                retry_after=reply.headers.get("retry-after", ""), raw=reply.head + reply.body[:BYTES_KEPT])


def _not_200(reply, seen):
    """A status that is no success; its body must be an error of the dialect."""
    try:
        error = json.loads(reply.body)["error"]
        seen.message = error["message"] if isinstance(error, dict) else str(error)
        seen.ended = "refused" if 400 <= reply.status < 500 and reply.status not in (408, 429) else "error"
    except (ValueError, TypeError, KeyError, RecursionError):
        seen.message = reply.body[:80].decode(errors="replace")
        seen.notes.append("the error is not of this dialect")
        seen.ended = "error" if reply.status >= 400 else "shape"
    return seen


async def ask_openai(port, question, stream, limit_s, tools=False, headers=()):
    body = {"model": "wall", "messages": [{"role": "user", "content": question}], "stream": stream}
    if stream:
        body["stream_options"] = {"include_usage": True}
    if tools:
        body["tools"] = TOOLS
    reply = await post(port, "/v1/chat/completions", body, limit_s, headers)
    seen = _seen(reply)
    if reply.how.startswith(("hang", "no connection")) or (reply.how and not reply.status):
        seen.ended = "hang" if reply.how == "hang" else "broken"
        return seen
    if reply.status != 200:
        return _not_200(reply, seen)
    if stream and not reply.body.lstrip()[:1] in (b"{", b"["):  # As SDKs do, whatever the type says.
        return _read_events(reply, seen)
    if stream:
        seen.ended, seen.message = "shape", "a document where a stream was asked for"
        return seen
    return _read_completion(reply, seen)


def _add_calls(seen, pieces):
    for piece in pieces or []:
        at = piece.get("index", len(seen.calls))
        while len(seen.calls) <= at:
            seen.calls.append("")
        arguments = piece.get("function", {}).get("arguments") or ""
        seen.calls[at] += arguments if isinstance(arguments, str) else json.dumps(arguments)


def _read_completion(reply, seen):
    if reply.how:
        seen.ended = "broken"
        return seen
    try:
        choice = json.loads(reply.body)["choices"][0]
        seen.text = choice["message"].get("content") or ""
        _add_calls(seen, choice["message"].get("tool_calls"))
        seen.ended = "whole" if choice.get("finish_reason") else "bare"
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        seen.ended, seen.message = "shape", reply.body[:80].decode(errors="replace")
    return seen


def events_of(body):
    """The data of each event, by the rules of the standard: it is what every SDK does."""
    if body.startswith(b"\xef\xbb\xbf"):
        body = body[3:]
    for block in body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n\n"):
        rows = [row[5:].removeprefix(b" ") for row in block.split(b"\n") if row.startswith(b"data:")]
        if rows and b"".join(rows):
            yield b"\n".join(rows)


def _read_events(reply, seen):
    finish = False
    for data in events_of(reply.body):
        if data.strip() == b"[DONE]":
            seen.notes.append("done")
            break
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            seen.ended, seen.message = "shape", data[:80].decode(errors="replace")
            return seen
        if isinstance(value, dict) and value.get("error"):
            error = value["error"]
            seen.message = error.get("message", "") if isinstance(error, dict) else str(error)
            seen.ended = "error"
            if "done" not in seen.notes and finish:
                seen.notes.append("error after finish")
            return seen
        if not isinstance(value, dict):
            continue
        seen.model, seen.usage = value.get("model") or seen.model, value.get("usage") or seen.usage
        for choice in value.get("choices") or []:
            delta = choice.get("delta") or {}
            seen.text += delta.get("content") or ""
            _add_calls(seen, delta.get("tool_calls"))
            finish = finish or bool(choice.get("finish_reason"))
    if finish:
        seen.ended = "whole"
    else:
        seen.ended = {"hang": "hang"}.get(reply.how, "broken") if reply.how else "bare"
    if reply.how == "hang":
        seen.ended = "hang"
    return seen


async def ask_ollama(port, question, limit_s, headers=()):
    body = {"model": "wall", "messages": [{"role": "user", "content": question}]}
    reply = await post(port, "/api/chat", body, limit_s, headers)
    seen = _seen(reply)
    if reply.how == "hang" or (reply.how and not reply.status):
        seen.ended = "hang" if reply.how == "hang" else "broken"
        return seen
    if reply.status != 200:
        return _not_200(reply, seen)
    done = False
    for row in reply.body.split(b"\n"):
        if not row.strip():
            continue
        try:
            value = json.loads(row)
            if value.get("error"):
                seen.ended, seen.message = "error", str(value["error"])
                return seen
            seen.text += value.get("message", {}).get("content") or ""
        except (ValueError, AttributeError):
            seen.ended, seen.message = ("broken" if reply.how else "shape"), row[:80].decode(errors="replace")
            return seen
        done = done or value.get("done", False)
    seen.ended = "whole" if done else ("broken" if reply.how else "bare")
    return seen


async def run(command, env, cwd, limit_s, stdin=b""):
    """A command to its end: (exit code or None after limit_s, stdout, stderr, seconds)."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, env=env, cwd=cwd)
    try:
        out, err = await asyncio.wait_for(process.communicate(stdin), limit_s)
        code = process.returncode
    except asyncio.TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        out, err = await process.communicate()
        code = None
    return code, out, err, time.monotonic() - began
