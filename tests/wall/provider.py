#!/usr/bin/env python3
"""A provider that breaks on purpose: raw sockets, both dialects, one fault at a time, a log of each attempt.

provider.py --dialect openai|ollama [--port N] [--fault ID]   runs one alone and prints its places as JSON
    POST CONTROL/fault {"fault": ID, "times": N}   N chat requests get the fault, 0: all of them; "healthy" ends it
    GET  CONTROL/log                               every attempt: when, what was asked, which fault, how far it got
    POST CONTROL/reset                             forgets the log
Tests make `Provider` in their own process instead.
"""
import argparse
import asyncio
import contextlib
import json
import socket
import struct
import sys
import time

import plan
from plan import Asked

HEAD_MAX, IDLE_S, STALL_MAX_S = 1 << 20, 30.0, 30.0
CHAT_PATHS = ("/chat/completions", "/api/chat")


class Provider:
    """One provider on one port. `fault` is an entry of the catalogue or None; `connection` says how it accepts."""

    def __init__(self, dialect, variant="same", prefill="continue", tls=None):
        self.dialect, self.variant, self.prefill, self.tls = dialect, variant, prefill, tls
        self.healthy_edit = None  # For every reply without a fault.
        self.all_paths = False    # The fault also meets those who only ask for the list of models.
        self.fault, self.times, self.log, self.began = None, 0, [], time.monotonic()
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server, self.fillers, self.tasks = None, [], set()

    def bind(self, port=0):
        """Takes a port; nobody listens there yet, so that a connection is refused."""
        self.socket.bind(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        return self

    async def listen(self):
        accept = self.fault.accept if self.fault else ""
        context = self.tls if self.tls and not accept else None
        self.server = await asyncio.start_server(self._connected, sock=self.socket, limit=HEAD_MAX, ssl=context)

    async def start(self, fault=None, times=0):
        self.fault, self.times = fault, times
        accept = fault.accept if fault else ""
        if accept == "refuse":
            return self
        if accept == "blackhole":
            self.socket.listen(0)
            # A full backlog: the kernel drops whatever knocks next.
            for _ in range(2):
                filler = socket.socket()
                filler.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    filler.connect(("127.0.0.1", self.port))
                self.fillers.append(filler)
            return self
        await self.listen()
        return self

    async def recover(self):
        """From now on it is healthy."""
        self.fault = None
        if not self.server:
            await self.listen()

    async def stop(self):
        if self.server:
            self.server.close()
        self.socket.close()
        for filler in self.fillers:
            filler.close()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def url(self, prefix=""):
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{'localhost' if self.tls else '127.0.0.1'}:{self.port}{prefix}"

    def chats(self):
        return [entry for entry in self.log if entry["chat"]]

    def _take_fault(self):
        fault = self.fault
        if fault and self.times:
            self.times -= 1
            if self.times == 0:
                self.fault = None
        return fault

    async def _connected(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        try:
            await self._serve(reader, writer)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # The peer left, or sent what is no request, or this provider is being stopped.
        finally:
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()

    async def _serve(self, reader, writer):
        accept = self.fault.accept if self.fault else ""
        if accept.startswith("tls-"):
            await reader.read(1)  # The first byte of the handshake.
            accept = accept.removeprefix("tls-")
        if accept in ("rst", "fin", "stall", "garbage", "plain"):
            self._note(chat=True, path="", question="", prefill=0, said="", fault=self.fault.id, reached="accept",
                       ended=accept)
            if accept in ("garbage", "plain"):
                writer.write(b"SSH-2.0-OpenSSH_9.2\r\n" if accept == "garbage" else b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await _end(accept, reader, writer)
            return
        first = True
        while True:
            request = await asyncio.wait_for(_read_request(reader, writer), IDLE_S)
            if not request or not await self._answer(request, first, reader, writer):
                return
            first = False

    def _note(self, **fields):
        entry = {"t": round(time.monotonic() - self.began, 4), **fields}
        self.log.append(entry)
        return entry

    async def _answer(self, request, first, reader, writer):
        """True where the connection may carry another request."""
        method, path, headers, body = request
        asked = self._understand(path, body)
        chat = method == "POST" and path.endswith(CHAT_PATHS)
        down = self.all_paths and self.fault and not chat
        # Some faults wait for a connection that carried an answer before.
        early = self.fault is not None and self.fault.reused and first
        fault = self._take_fault() if chat and not early else None
        entry = self._note(chat=chat, path=path, fault=fault.id if fault else "", stream=asked.stream,
                           question=asked.question[:40], prefill=len(asked.prefill), model=asked.model,
                           key=headers.get("authorization", "") != "", max_tokens=asked.max_tokens, reached="request",
                           said="", ended="")
        if down:
            reply = self.fault.edit(plan.healthy(asked), asked, headers)
        elif not chat:
            reply = plan.small(asked, method) or plan.document(404, {"error": {"message": "no such path"}})
        elif asked.prefill and self.prefill == "reject":
            reply = plan.document(400, {"error": {
                "message": "This model does not support assistant message prefill.", "type": "invalid_request_error",
                "code": "invalid_prefill"}})
        else:
            if self.prefill == "restart":
                asked.prefill = ""
            reply = plan.healthy(asked)
            edit = fault.edit if fault else self.healthy_edit
            if edit:
                reply = edit(reply, asked, headers) or reply
        keep = await Performance(reply, reader, writer, entry, method == "HEAD").run()
        return keep and headers.get("connection", "").lower() != "close"

    def _understand(self, path, body):
        asked = Asked(self.dialect, path.partition("?")[0], variant=self.variant)
        try:
            value = json.loads(body or b"{}")
        except ValueError:
            return asked
        messages = [m for m in value.get("messages") or [] if isinstance(m, dict)]
        texts = [m.get("content") for m in messages if m.get("role") == "user"]
        asked.question = _text(texts[-1]) if texts else ""
        if messages and messages[-1].get("role") == "assistant":
            asked.prefill = _text(messages[-1].get("content"))
        asked.stream = bool(value.get("stream", self.dialect == "ollama"))
        asked.usage = bool((value.get("stream_options") or {}).get("include_usage"))
        asked.tools, asked.model = bool(value.get("tools")), str(value.get("model", ""))
        options = value.get("options") or {}
        asked.max_tokens = value.get("max_tokens") or value.get("max_completion_tokens") or options.get("num_predict", 0)
        return asked


def _text(content):
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content or ""


async def _read_request(reader, writer):
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    lines = head.decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in
               (row.partition(":") for row in lines[1:] if row)}
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = b""
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readuntil(b"\r\n")
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return method, path, headers, body


async def _end(how, reader, writer):
    """rst, fin, or stall until the peer leaves."""
    if how == "stall":
        with contextlib.suppress(asyncio.TimeoutError, ConnectionError):
            while await asyncio.wait_for(reader.read(65536), STALL_MAX_S):
                pass
        return
    if how == "rst":
        raw = writer.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return
    with contextlib.suppress(ConnectionError):
        await writer.drain()


class Performance:
    """Plays one reply, and writes down how far it came and whether the peer stayed."""

    def __init__(self, reply, reader, writer, entry, head_only):
        self.reply, self.reader, self.writer = reply, reader, writer
        self.entry, self.head_only, self.began = entry, head_only, time.monotonic()

    async def run(self):
        """True where the reply was whole in its framing, so that the connection may go on."""
        reply, entry = self.reply, self.entry
        try:
            keep = await self._play()
            entry["ended"] = entry["ended"] or ("whole" if keep else "broken")
        except OSError:
            keep = False
            entry["ended"] = "peer left"
        entry["seconds"] = round(time.monotonic() - self.began, 4)
        if entry["ended"] == "whole" and reply.has("word"):
            entry["said"] = reply.says
        return keep

    async def _play(self):
        reply, entry = self.reply, self.entry
        if reply.interim:
            await self._send(reply.interim)
        if reply.framing != "silence":
            await self._send(reply.head())
            entry["reached"] = "head"
        if self.head_only or reply.framing == "none":
            return True
        for step in reply.steps:
            if step.kind in ("rst", "fin", "stall"):
                await _end(step.kind, self.reader, self.writer)
                if step.kind == "stall":
                    entry["ended"] = "peer left"
                return False
            await self._step(step)
        return reply.framing in ("chunked", "length") and reply.version != "HTTP/1.0"

    async def _step(self, step):
        reply = self.reply
        if step.kind == "sleep":
            # Ends early when the peer leaves.
            with contextlib.suppress(asyncio.TimeoutError):
                if not await asyncio.wait_for(self.reader.read(65536), step.seconds):
                    raise ConnectionResetError
        elif step.kind == "gap":
            await asyncio.sleep(step.seconds)
        elif step.kind == "repeat":
            count = 0
            while count != step.index:
                count += 1
                await self._send(reply.framed(step.data))
                await asyncio.sleep(step.seconds or 0.0005)
        elif step.kind == "bare":
            await self._send(step.data)
        elif step.kind == "end":
            await self._send(b"0\r\n\r\n" if reply.framing == "chunked" else b"")
            self.entry["reached"] = "end"
        else:
            await self._send(reply.framed(step.data))
            self.entry["reached"] = f"{step.kind} {step.index}" if step.kind == "word" else step.kind
            if step.kind == "word" and reply.pace_s:
                await asyncio.sleep(reply.pace_s)

    async def _send(self, data):
        if self.reader.at_eof() or self.writer.transport.is_closing():
            raise ConnectionResetError
        if data:
            self.writer.write(data)
            await self.writer.drain()


class Control:
    """The endpoint for those who are not in this process."""

    def __init__(self, provider):
        self.provider = provider

    async def serve(self):
        self.server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    async def _connected(self, reader, writer):
        from catalogue import FAULTS
        request = await _read_request(reader, writer)
        if request:
            method, path, _, body = request
            value = json.loads(body or b"{}")
            reply = {"ok": True}
            if path == "/fault":
                self.provider.times = int(value.get("times", 0))
                self.provider.fault = FAULTS[value["fault"]] if value["fault"] != "healthy" else None
            elif path == "/log":
                reply = self.provider.log
            elif path == "/reset":
                self.provider.log.clear()
            text = plan.dumps(reply)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                         b"Content-Length: %d\r\n\r\n" % len(text) + text)
            await writer.drain()
        writer.close()


async def alone(options):
    from catalogue import FAULTS
    provider = Provider(options.dialect).bind(options.port)
    await provider.start(FAULTS[options.fault] if options.fault else None)
    port = await Control(provider).serve()
    prefix = "/v1" if options.dialect == "openai" else ""
    print(json.dumps({"provider": provider.url(prefix), "control": f"http://127.0.0.1:{port}"}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dialect", choices=("openai", "ollama"), default="openai")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fault", default="")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(alone(parser.parse_args()))
    sys.exit(0)
