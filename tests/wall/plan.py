"""What a healthy provider sends, as steps that a fault may edit before they are performed.

A reply is a head, a framing and a list of steps in both dialects and both forms (stream, one JSON document):
`role`, `word` 0 … 61, `finish`, `usage`, `done`, `end`. A fault puts its own steps among them or takes some out, so one
line of the catalogue breaks a stream of events, a stream of lines and a document in the same place.
"""
import dataclasses
import json
import time

from words import canonical, continued, text_of


@dataclasses.dataclass
class Step:
    """data: sent in the reply's framing. bare: sent as it is. sleep, stall, rst, fin: what happens instead of sending.

    repeat: data `index` times, -1 for ever, watching whether the peer still reads."""
    kind: str
    data: bytes = b""
    index: int = 0
    seconds: float = 0.0


@dataclasses.dataclass
class Asked:
    """One request as the provider understood it."""
    dialect: str
    path: str
    stream: bool = False
    usage: bool = False
    tools: bool = False
    question: str = ""
    prefill: str = ""
    model: str = ""
    variant: str = "same"
    max_tokens: int = 0
    finish: str = "stop"


@dataclasses.dataclass
class Reply:
    status: int
    headers: list
    steps: list
    framing: str = "chunked"  # chunked | length | close | none (the head says all) | silence (no head)
    version: str = "HTTP/1.1"
    interim: bytes = b""      # Sent before the head.
    length: int | None = None  # Instead of the true Content-Length.
    says: str = ""            # The text it means to say, for the log.
    pace_s: float = 0.001     # Between two words.

    def at(self, kind, index=0):
        """Where the step stands."""
        for place, step in enumerate(self.steps):
            if step.kind == kind and step.index == index:
                return place
        raise KeyError(f"{kind} {index}")

    def has(self, kind):
        return any(step.kind == kind for step in self.steps)

    def header(self, name, value=None):
        """Replaces the header, or removes it."""
        self.headers = [(n, v) for n, v in self.headers if n.lower() != name.lower()]
        if value is not None:
            self.headers.append((name, value))
        return self

    def head(self):
        lines = [f"{self.version} {self.status} {REASONS.get(self.status, 'Unassigned')}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.framing == "chunked":
            lines.append("Transfer-Encoding: chunked")
        elif self.framing == "length":
            lines.append(f"Content-Length: {self.body_length() if self.length is None else self.length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")

    def body_length(self):
        return sum(len(step.data) for step in self.steps if step.kind not in ACTIONS)

    def framed(self, data):
        if self.framing == "chunked" and data:
            return f"{len(data):x}\r\n".encode() + data + b"\r\n"
        return data


ACTIONS = {"bare", "sleep", "stall", "rst", "fin", "repeat", "gap"}
REASONS = {200: "OK", 204: "No Content", 301: "Moved Permanently", 302: "Found", 307: "Temporary Redirect",
           400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
           413: "Content Too Large", 422: "Unprocessable Content", 429: "Too Many Requests",
           500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


def sse(value):
    return b"data: " + (value if isinstance(value, bytes) else dumps(value)) + b"\n\n"


def line(value):
    return dumps(value) + b"\n"


def dumps(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def document(status, value, *headers):
    """A whole JSON document."""
    return Reply(status, [("Content-Type", "application/json"), *headers],
                 [Step("document", dumps(value) if not isinstance(value, bytes) else value)], "length")


def page(status, html=None):
    html = html or f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>Bad gateway</h1></body></html>"
    return Reply(status, [("Content-Type", "text/html; charset=utf-8"), ("Server", "cdn")],
                 [Step("document", html.encode())], "length")


def healthy(asked):
    words = canonical(asked.question, asked.variant)
    if asked.prefill:
        words = continued(words, asked.prefill)
    if asked.tools:
        arguments = json.dumps({"city": "Paris", "note": text_of(words[:20])}, ensure_ascii=False)
        words = [arguments[at:at + 4] for at in range(0, len(arguments), 4)]
    elif 0 < asked.max_tokens < len(words):
        words, asked.finish = words[:asked.max_tokens], "length"
    build = {("openai", True): _openai_stream, ("openai", False): _openai_document,
             ("ollama", True): _ollama_stream, ("ollama", False): _ollama_document}[asked.dialect, asked.stream]
    reply = build(asked, words)
    if not asked.tools:
        begins = bool(asked.prefill) and not asked.prefill.endswith(" ")
        reply.says = (" " if begins and words else "") + text_of(words)
    return reply


def pieces(asked, words):
    """What each word adds to the text: a blank before all but the first."""
    if asked.tools:
        return words
    glue = bool(asked.prefill) and not asked.prefill.endswith(" ")
    return [(" " if number or glue else "") + word for number, word in enumerate(words)]


def _tokens(asked, words):
    return {"prompt_tokens": 12 + len(asked.question) // 4, "completion_tokens": len(words),
            "total_tokens": 12 + len(asked.question) // 4 + len(words)}


def openai_chunk(asked, delta, finish=None, **more):
    return {"id": "chatcmpl-wall", "object": "chat.completion.chunk", "created": int(time.time()), "model": asked.model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def word_event(asked, piece, first=False):
    if asked.tools:
        call = {"index": 0, "function": {"arguments": piece}}
        if first:
            call |= {"id": "call_wall", "type": "function"}
            call["function"]["name"] = "get_weather"
        return openai_chunk(asked, {"tool_calls": [call]})
    return openai_chunk(asked, {"content": piece})


def _openai_stream(asked, words):
    steps = [Step("role", sse(openai_chunk(asked, {"role": "assistant", "content": ""})))]
    steps += [Step("word", sse(word_event(asked, piece, not number)), number)
              for number, piece in enumerate(pieces(asked, words))]
    steps.append(Step("finish", sse(openai_chunk(asked, {}, "tool_calls" if asked.tools else asked.finish))))
    if asked.usage:
        steps.append(Step("usage", sse(openai_chunk(asked, {}) | {"choices": [], "usage": _tokens(asked, words)})))
    steps += [Step("done", sse(b"[DONE]")), Step("end")]
    return Reply(200, [("Content-Type", "text/event-stream; charset=utf-8"), ("Cache-Control", "no-cache")], steps)


def _cut_at(template, mark, fragments):
    """The document around `mark`, and the fragments in its place."""
    before, after = template.split(mark)
    return ([Step("role", before.encode())] +
            [Step("word", piece.encode(), number) for number, piece in enumerate(fragments)] +
            [Step("finish", after.encode()), Step("end")])


def _openai_document(asked, words):
    escaped = [json.dumps(piece, ensure_ascii=False)[1:-1] for piece in pieces(asked, words)]
    message = {"role": "assistant", "content": "@@"}
    if asked.tools:
        message = {"role": "assistant", "content": None, "tool_calls": [
            {"id": "call_wall", "type": "function", "function": {"name": "get_weather", "arguments": "@@"}}]}
    whole = {"id": "chatcmpl-wall", "object": "chat.completion", "created": int(time.time()), "model": asked.model,
             "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if asked.tools else asked.finish}],
             "usage": _tokens(asked, words)}
    return Reply(200, [("Content-Type", "application/json")],
                 _cut_at(json.dumps(whole, ensure_ascii=False), "@@", escaped), "length")


def ollama_line(asked, content, done=False, **more):
    return {"model": asked.model, "created_at": "2026-11-22T17:31:18.534612902Z",
            "message": {"role": "assistant", "content": content}, "done": done, **more}


def _ollama_end(asked, words):
    tokens = _tokens(asked, words)
    return {"done_reason": asked.finish, "total_duration": 632777982, "load_duration": 51207785,
            "prompt_eval_count": tokens["prompt_tokens"], "prompt_eval_duration": 355846800,
            "eval_count": tokens["completion_tokens"], "eval_duration": 194086732}


def _ollama_call(words):
    arguments = "".join(words)
    try:
        arguments = json.loads(arguments)
    except ValueError:
        arguments = {}
    return [{"id": "call_wall", "function": {"index": 0, "name": "get_weather", "arguments": arguments}}]


def _ollama_stream(asked, words):
    if asked.tools:
        value = ollama_line(asked, "")
        value["message"]["tool_calls"] = _ollama_call(words)
        steps = [Step("word", line(value))]
    else:
        steps = [Step("word", line(ollama_line(asked, piece)), number)
                 for number, piece in enumerate(pieces(asked, words))]
    steps += [Step("finish", line(ollama_line(asked, "", True, **_ollama_end(asked, words)))), Step("end")]
    return Reply(200, [("Content-Type", "application/x-ndjson")], steps)


def _ollama_document(asked, words):
    whole = ollama_line(asked, "@@", True, **_ollama_end(asked, words))
    if asked.tools:
        whole["message"] = {"role": "assistant", "content": "", "tool_calls": _ollama_call(words)}
        return document(200, whole)
    escaped = [json.dumps(piece, ensure_ascii=False)[1:-1] for piece in pieces(asked, words)]
    return Reply(200, [("Content-Type", "application/json; charset=utf-8")],
                 _cut_at(json.dumps(whole, ensure_ascii=False), "@@", escaped), "length")


def small(asked, method):
    """The other endpoints that clients ask for; None where there is no such thing."""
    path = asked.path.rstrip("/")
    model = {"name": "wall", "model": "wall", "modified_at": "2026-11-22T17:31:18Z", "size": 98363972, "digest": "5a",
             "details": {"format": "gguf", "family": "llama", "parameter_size": "1B", "quantization_level": "Q4_1"}}
    if path.endswith("/models"):
        return document(200, {"object": "list", "data": [
            {"id": "wall", "object": "model", "created": 1795368669, "owned_by": "wall"}]})
    if asked.dialect != "ollama":
        return None
    known = {"/api/version": {"version": "0.17.4"}, "/api/tags": {"models": [model]},
             "/api/ps": {"models": [model | {"expires_at": "2030-01-01T00:00:00Z", "context_length": 8192}]},
             "/api/show": {"details": model["details"], "capabilities": ["completion", "tools"],
                           "model_info": {"llama.context_length": 8192}}}
    if path in known:
        return document(200, known[path])
    if path == "" and method in ("GET", "HEAD"):
        return Reply(200, [("Content-Type", "text/plain")], [Step("document", b"Ollama is running")], "length")
    return None
