"""Every fault that a provider, a CDN, a network, TLS, DNS or a proxy commits, by id. FAULTS is the table."""
import json

from fault import Fault
from faults import (before, bomb, combined, content, done_only, each_chunk, each_event, echo_key, endless, events,
                    extra_event, finish_null, framed_as, headers_late, in_band_error, instead_of_words, interim, junk, length_off,
                    looping, no_last_marker, one_line, one_piece, silence, slowly, status, thinking,
                    tool_arguments_broken, untouched, whole_body, with_header, without)
from plan import Step, sse

BOTH = ("openai", "ollama")
OLLAMA = ("ollama",)
RST, FIN, STALL = Step("rst"), Step("fin"), Step("stall")


def connection():
    group = "connection"
    yield Fault("refuse", group, "refuses the connection", accept="refuse", dialects=BOTH, quick=True)
    yield Fault("blackhole", group, "lets the connection hang", accept="blackhole", wait="connect", quick=True)
    yield Fault("dns-unknown", group, "its name does not resolve", host="nowhere.invalid", wait="connect")
    yield Fault("rst-at-accept", group, "resets the connection at once", accept="rst", dialects=BOTH)
    yield Fault("fin-at-accept", group, "closes the connection at once", accept="fin")
    yield Fault("stall-at-accept", group, "takes the connection and reads nothing", accept="stall", wait="first")
    yield Fault("garbage", group, "speaks another protocol", accept="garbage")
    yield Fault("rst-after-request", group, "resets after the request", silence(RST), dialects=BOTH, quick=True)
    yield Fault("fin-after-request", group, "closes after the request without a byte", silence(FIN), dialects=BOTH)
    yield Fault("stall-before-headers", group, "takes the request and says nothing", silence(STALL), wait="first",
                dialects=BOTH, quick=True)
    yield Fault("half-status-line", group, "closes in the middle of the status line",
                silence(Step("bare", b"HTTP/1.1 20"), FIN))
    yield Fault("stall-in-headers", group, "stops in the middle of the headers",
                silence(Step("bare", b"HTTP/1.1 200 OK\r\nContent-Ty"), STALL), wait="first")
    yield Fault("drip-headers", group, "sends its headers a byte at a time, for ever",
                silence(Step("bare", b"HTTP/1.1 200 OK\r\nX-A: "), Step("repeat", b"a", -1, 0.1)), wait="first")
    yield Fault("rst-after-headers", group, "resets after the headers", instead_of_words(RST), dialects=BOTH)
    yield Fault("fin-after-headers", group, "closes after the headers", instead_of_words(FIN), dialects=BOTH)
    yield Fault("stall-after-headers", group, "stops after the headers", instead_of_words(STALL), wait="first",
                dialects=BOTH, quick=True)
    yield Fault("only-100-continue", group, "says 100 Continue and nothing more",
                silence(Step("bare", b"HTTP/1.1 100 Continue\r\n\r\n"), STALL), wait="first")
    yield Fault("stale-connection", group, "resets a kept connection as the next request comes", silence(RST),
                reused=True, expect="either")


def tls():
    group = "tls"
    for kind, what in (("wrong-ca", "shows a certificate of an unknown authority"), ("expired", "shows an expired certificate"),
                       ("wrong-name", "shows a certificate for another name")):
        yield Fault(f"tls-{kind}", group, what, tls=kind, quick=kind == "expired")
    yield Fault("tls-handshake-stall", group, "stops in the TLS handshake", tls="good", accept="tls-stall", wait="connect")
    yield Fault("tls-handshake-rst", group, "resets in the TLS handshake", tls="good", accept="tls-rst")
    yield Fault("tls-plain", group, "speaks no TLS on its TLS port", tls="good", accept="tls-plain")
    yield Fault("tls-cut", group, "breaks TLS off in the middle of the answer", before("word", 40, RST), tls="good", begun=True)
    yield Fault("tls-healthy", group, "speaks TLS as it should", tls="good", expect="healthy")


def error(message="The server had an error", **more):
    return {"message": message, **more}


def refusals():
    group = "status"
    yield Fault("400-schema", group, "400: the request is wrong", status(400, error(
        "Invalid type for 'messages'", type="invalid_request_error", code="invalid_type")), expect="refused", quick=True)
    yield Fault("400-policy", group, "400: refused for its content", status(400, error(
        "Your request was rejected", type="invalid_request_error", code="content_policy_violation")), expect="refused")
    yield Fault("400-context", group, "400: too long for the model", status(400, error(
        "This model's maximum context length is 8192 tokens", type="invalid_request_error",
        code="context_length_exceeded")), expect="larger")
    for code in (409, 413, 415, 422):
        yield Fault(f"{code}", group, f"{code}: the request is wrong", status(code, error("No", type="invalid_request_error")),
                    expect="refused")
    key = error("Invalid API key", type="authentication_error", code="invalid_api_key")
    yield Fault("401", group, "401: the key is wrong", status(401, key), quick=True)
    yield Fault("401-echo", group, "401, with our key in its text", echo_key, quick=True)
    yield Fault("402-nanogpt", group, "402: no balance (NanoGPT's old form)", status(402, {
        "error": "Insufficient balance", "status": 402, "requiredBalance": 0.0035}))
    yield Fault("402-code", group, "402: insufficient_balance", status(402, error(
        "Balance too low", code="insufficient_balance")))
    yield Fault("403", group, "403: not permitted", status(403, error("Forbidden", type="permission_error")))
    yield Fault("403-html", group, "403: a firewall's page", status(403, html=True))
    yield Fault("404-model", group, "404: our model is gone", status(404, error(
        "The model `wall` does not exist", type="invalid_request_error", code="model_not_found")))
    yield Fault("404-html", group, "404: no such path", status(404, html=True))
    yield Fault("405", group, "405: wrong method", status(405, error("Method not allowed")))
    for code in (408, 425, 498, 499, 500, 501, 502, 503, 504, 507, 520, 522, 524, 529):
        yield Fault(f"{code}", group, f"{code}", status(code, error()), quick=code in (500, 503),
                    dialects=BOTH if code in (500, 503) else ("openai",))
    yield Fault("410", group, "410: gone", status(410, error("The model has been retired", code="model_not_found")))
    yield Fault("502-html", group, "502: a CDN's page", status(502, html=True), quick=True)
    yield Fault("503-html", group, "503: a maintenance page", status(503, html=True))
    yield Fault("500-empty", group, "500 without a body", status(500, b""))
    yield Fault("503-retry-after", group, "503 with Retry-After: 1", status(503, error(), ("Retry-After", "1")))
    yield from rate_limits(group)
    for code in ("all_fallbacks_failed", "no_fallback_available", "service_unavailable",
                 "fallback_blocked_for_cache_consistency"):
        yield Fault(f"503-{code}", group, f"503 {code} (NanoGPT)", status(503, error("Unavailable", code=code)))
    yield Fault("400-empty-response", group, "400 empty_response (NanoGPT)", status(400, error("Empty", code="empty_response")))
    yield Fault("404-not-available", group, "404 model_not_available (NanoGPT)",
                status(404, error("Not available", code="model_not_available")))
    for code in (301, 302, 307):
        yield Fault(f"{code}", group, f"{code}: redirects to another host",
                    status(code, {}, ("Location", "http://127.0.0.1:9/v1/chat/completions")))
    yield Fault("304", group, "304 to a POST", lambda r, a, h: framed_as("none")(r, a, h) or setattr(r, "status", 304))


def rate_limits(group):
    limit = error("Rate limit reached", type="rate_limit_error", code="rate_limit_exceeded")
    yield Fault("429", group, "429 without Retry-After", status(429, limit), quick=True)
    for name, value, queue in (
            ("1", "1", "answered"), ("float", "0.5", "answered"), ("zero", "0", "answered"), ("negative", "-1", "answered"),
            ("words", "soon", "answered"), ("10h", "36000", "held"), ("date-past", "Wed, 21 Oct 2015 07:28:00 GMT", "answered"),
            ("date-far", "Fri, 01 Jan 2038 00:00:00 GMT", "held"), ("overflow", "99999999999999999999", "held")):
        yield Fault(f"429-after-{name}", group, f"429 with Retry-After: {value}", status(429, limit, ("Retry-After", value)),
                    queue=queue, quick=name == "10h")
    yield Fault("429-after-ms", group, "429 with retry-after-ms: 300", status(429, limit, ("retry-after-ms", "300")))
    yield Fault("429-daily", group, "429: the daily limit (NanoGPT)", status(429, error(
        "Daily limit", code="daily_rpd_limit_exceeded"), ("Retry-After", "40000")), queue="held")
    yield Fault("429-usd", group, "429: the daily budget (NanoGPT)", status(429, error(
        "Daily limit", code="daily_usd_limit_exceeded"), ("Retry-After", "40000")), queue="held")
    yield Fault("429-quota", group, "429: quota spent", status(429, error(
        "You exceeded your current quota", type="insufficient_quota", code="insufficient_quota")))
    yield Fault("busy", group, "503: server busy", status(503, error(
        "server busy, please try again.  maximum pending requests exceeded")), dialects=OLLAMA)
    yield Fault("model-missing", group, "404: the model is not pulled", status(404, error(
        "model 'wall' not found")), dialects=OLLAMA, quick=True)
    yield Fault("runner-died", group, "500: its runner died while loading", status(500, error(
        "llama runner process has terminated: signal: killed")), dialects=OLLAMA)


def lies():
    group = "lies"
    yield Fault("html-200", group, "200 with a web page", whole_body(b"<html><body>Welcome</body></html>", "text/html"),
                dialects=BOTH, quick=True)
    yield Fault("html-as-stream", group, "200, a web page called an event stream",
                whole_body(b"<html><body>Welcome</body></html>", "text/event-stream"))
    yield Fault("error-200", group, "200 with an error object", whole_body({"error": error(code=500)}), dialects=BOTH, quick=True)
    yield Fault("error-string-200", group, "200 with an error text", whole_body({"error": "Unexpected endpoint or method"}))
    yield Fault("error-object-200", group, "200 with object: error (old vLLM)", whole_body(
        {"object": "error", "message": "boom", "code": 500}))
    yield Fault("error-array-200", group, "200 with a list of errors (Gemini)", whole_body([{"error": error(code=503)}]))
    yield Fault("minimax-200", group, "200 with base_resp (MiniMax)", whole_body(
        {"base_resp": {"status_code": 1002, "status_msg": "rate limit"}}))
    yield Fault("detail-200", group, "200 with detail", whole_body({"detail": "Internal error"}))
    yield Fault("first-event-error", group, "the first event is an error", events({"error": error()}), dialects=BOTH)
    yield Fault("204", group, "204", lambda r, a, h: framed_as("none")(r, a, h) or setattr(r, "status", 204), dialects=BOTH,
                quick=True)
    for name, body in (("empty-body", b""), ("blank-body", b" \n \n"), ("null", b"null"), ("empty-object", b"{}"),
                       ("half-json", b'{"id":"x","object":"chat.completion","choi'), ("deep-json", b"[" * 100_000)):
        yield Fault(name, group, f"200 with {name.replace('-', ' ')}", whole_body(body), dialects=BOTH if name == "empty-body" else
                    ("openai",), quick=name == "empty-body")
    yield Fault("choices-null", group, "200 with choices: null", whole_body({"choices": None}))
    yield Fault("choices-empty", group, "200 with choices: []", whole_body({"choices": []}))
    yield Fault("text-plain", group, "200 with a word of plain text", whole_body(b"OK", "text/plain"))
    yield Fault("empty-answer", group, "a whole answer without text", content(""), dialects=BOTH, quick=True)
    yield Fault("blank-answer", group, "a whole answer of blanks", content(" \n\t "), dialects=BOTH, quick=True)
    yield Fault("zero-width-answer", group, "a whole answer of zero-width marks", content("\u200b\u200b\ufeff"))
    yield Fault("reasoning-only", group, "thinks, never answers, and says it is done", content("", reasoning_content="hm"),
                dialects=BOTH, quick=True)
    yield Fault("reasoning-endless", group, "thinks for ever", thinking(3, 0.1, False), wait="reasoning", dialects=BOTH)
    yield Fault("finish-error", group, "finishes with error at once (NanoGPT)", in_band_error(True, 0, True))
    yield Fault("filtered", group, "its filter stops before a word", content("", "content_filter"), expect="refused")
    yield Fault("done-alone", group, "[DONE] and nothing else", events({"choices": []}), dialects=("openai",))
    yield Fault("role-then-stall", group, "a role, then silence", before("word", 0, STALL), wait="first", quick=True)
    yield Fault("comments-only", group, "comments for ever", before("word", 0, Step("repeat", b": keep-alive\n\n", -1, 0.1)),
                wait="first", quick=True)
    yield Fault("blanks-for-ever", group, "empty lines for ever", instead_of_words(Step("repeat", b"\n", -1, 0.1)), wait="first")
    yield Fault("empty-words", group, "events without text for ever", before("word", 0, Step(
        "repeat", sse(b'{"choices":[{"index":0,"delta":{"content":""}}]}'), -1, 0.1)), wait="first")
    yield Fault("length-long", group, "announces more than it sends", combined(length_off(100)), expect="either")
    yield Fault("gzip", group, "packed with gzip, unasked", combined(with_header("Content-Encoding", "gzip"), whole_body(
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")))
    yield Fault("load-reply", group, "done_reason load instead of an answer", content("", "load"), dialects=OLLAMA)


def broken_answers():
    group = "mid-answer"
    for place in (1, 40, 61):
        more = {"begun": True, "dialects": BOTH if place == 40 else ("openai",), "quick": place == 40}
        yield Fault(f"rst-after-{place}", group, f"resets after {place} of 62 words", before("word", place, RST), **more)
        yield Fault(f"fin-after-{place}", group, f"closes after {place} of 62 words", before("word", place, FIN), **more)
        yield Fault(f"stall-after-{place}", group, f"falls silent after {place} of 62 words", before("word", place, STALL),
                    wait="idle", **more)
        yield Fault(f"end-after-{place}", group, f"ends in order after {place} of 62 words, without a finish reason",
                    before("word", place, Step("end")), **more)
    for name, what, edit in (
            ("no-finish", "says all, then ends without a finish reason", finish_null),
            ("done-only", "says all, then [DONE] without a finish reason", done_only),
            ("fin-before-finish", "says all, then closes", before("finish", 0, FIN)),
            ("error-event", "an error event in the middle", in_band_error(False)),
            ("error-event-done", "an error event in the middle, then [DONE]", in_band_error(True)),
            ("finish-error-mid", "finish_reason error in the middle, then [DONE] (NanoGPT)", in_band_error(True, 40, True)),
            ("html-mid", "a web page in the middle", junk(b"<html><body>502</body></html>\n\n", cut=True)),
            ("half-event", "half an event, then the end", junk(b'data: {"choices":[{"delta":{"cont', cut=True)),
            ("bad-chunk-size", "a chunk size that is none", before("word", 40, Step("bare", b"zz\r\nhello\r\n"), FIN))):
        yield Fault(name, group, what, edit, begun=True, quick=name in ("no-finish", "error-event-done"),
                    dialects=BOTH if name in ("no-finish", "error-event", "half-event") else ("openai",))
    yield Fault("bad-event", group, "one event that is no JSON, the answer goes on", junk(b"data: {\"choices\":[{\"del\n\n"),
                begun=True, expect="either", quick=True)
    yield Fault("comments-mid", group, "only comments from the middle on", before("word", 40, Step(
        "repeat", b": ping\n\n", -1, 0.1)), wait="idle", begun=True, quick=True)
    yield Fault("drip", group, "a byte each 100 ms from the middle on", before("word", 40, Step(
        "repeat", b"d", -1, 0.1)), wait="idle", begun=True)
    yield Fault("loop", group, "repeats itself for ever", looping, wait=1.5, begun=True, limit_only=True, dialects=BOTH)
    yield Fault("last-marker-missing", group, "whole, but the body's own end is missing", no_last_marker, expect="healthy",
                quick=True)
    yield Fault("rst-after-finish", group, "resets after the finish reason", before("done", 0, RST), expect="either")


def sizes():
    group = "size"
    yield Fault("line-64m", group, "one line of 64 MiB", one_line(64), wait=3.0)
    yield Fault("gzip-bomb", group, "a gzip bomb of 1 GiB", bomb, wait=1.0)
    yield Fault("header-1m", group, "a header of 1 MiB", with_header("X-Large", "x" * (1 << 20)))
    yield Fault("headers-many", group, "50,000 headers", lambda r, a, h: r.headers.extend(
        (f"X-{i}", "1") for i in range(50_000)))
    yield Fault("blanks-endless", group, "blanks without end, as fast as they go", endless(sse(
        b'{"choices":[{"index":0,"delta":{"content":" "}}]}') * 100), wait=3.0)
    yield Fault("answer-endless", group, "words without end, as fast as they go", endless(sse(
        json.dumps({"choices": [{"index": 0, "delta": {"content": "word " * 200}}]}).encode()) * 10, place=1), wait=3.0,
        begun=True, limit_only=True)
    yield Fault("comments-endless", group, "comments as fast as they go", endless(b": " + b"x" * 60 + b"\n\n"), wait=3.0)


def tool_calls():
    group = "tools"
    yield Fault("tool-healthy", group, "a tool call", untouched, expect="healthy", tools=True, dialects=BOTH, quick=True)
    yield Fault("tool-arguments", group, "a tool call whose arguments are no JSON", tool_arguments_broken, tools=True, begun=True,
                quick=True)
    yield Fault("tool-cut", group, "a tool call that breaks off", before("word", 20, RST), tools=True, begun=True)
    yield Fault("tool-no-finish", group, "a tool call without a finish reason", without("finish", "usage"), tools=True, begun=True)


def legal():
    """Odd, but allowed or so common that it must work."""
    group = "legal"

    def is_legal(name, what, edit, **more):
        return Fault(name, group, what, edit, expect="healthy", **more)

    yield is_legal("plain", "nothing odd", untouched, dialects=BOTH, quick=True)
    yield is_legal("cr", "lines end with CR", each_event(lambda d: d.replace(b"\n", b"\r")), quick=True)
    yield is_legal("crlf", "lines end with CR LF", each_event(lambda d: d.replace(b"\n", b"\r\n")), dialects=BOTH)
    yield is_legal("bom", "a byte order mark first", each_event(lambda d: b"\xef\xbb\xbf" + d, only="role"), quick=True)
    yield is_legal("no-space", "no blank after the colon", each_event(lambda d: d.replace(b"data: ", b"data:")), quick=True)
    yield is_legal("multi-line-data", "an event over several data lines",
                   each_event(lambda d: d.replace(b',"choices"', b'\ndata: ,"choices"')), quick=True)
    yield is_legal("fields", "event, id and retry fields", each_event(lambda d: b"event: message\nid: 7\nretry: 3000\n" + d))
    yield is_legal("comments", "comments between events", each_event(lambda d: b": OPENROUTER PROCESSING\n\n" + d))
    yield is_legal("pings", "empty events between events", each_event(lambda d: b"event: ping\ndata:\n\n" + d))
    yield is_legal("usage-null", "usage: null in each event", each_chunk(lambda v: v | {"usage": v.get("usage")}), quick=True)
    yield is_legal("usage-each", "usage in each event", each_chunk(lambda v: v | {"usage": {
        "prompt_tokens": 5, "completion_tokens": 62, "total_tokens": 67}}))
    yield is_legal("error-null", "error: null in each event", each_chunk(lambda v: v | {"error": None}))
    yield is_legal("unknown-members", "members that nobody knows", each_chunk(lambda v: v | {"x_new": {"a": [1, None]}}))
    yield is_legal("azure-first", "a first event without choices (Azure)", extra_event("word", 0, sse(
        b'{"id":"","object":"","model":"","created":0,"choices":[],"prompt_filter_results":[]}')))
    yield is_legal("finish-empty", "finish_reason \"\" until the end", each_chunk(lambda v: v | {"choices": [
        c | {"finish_reason": c["finish_reason"] or ""} for c in v["choices"]]}))
    yield is_legal("finish-word", "finish_reason end_turn", each_chunk(lambda v: v | {"choices": [
        c | {"finish_reason": "end_turn" if c["finish_reason"] else None} for c in v["choices"]]}))
    yield is_legal("finish-twice", "two finish events", extra_event("done", 0, sse(
        b'{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}')))
    yield is_legal("role-each", "the role in each event", each_chunk(lambda v: v | {"choices": [
        c | {"delta": c["delta"] | {"role": "assistant"}} for c in v["choices"]]}))
    yield is_legal("ascii", "escaped letters, surrogates in pairs", each_event(
        lambda d: b"data: " + json.dumps(json.loads(d[6:])).encode() + b"\n\n" if d.startswith(b"data: {") else d))
    yield is_legal("no-done", "ends without [DONE]", without("done"))
    yield is_legal("no-usage", "never says its usage", without("usage"), quick=False)
    yield is_legal("no-last-blank", "no blank line at the very end", each_event(lambda d: d.rstrip(b"\n"), only="done"))
    yield is_legal("no-type", "no Content-Type", lambda r, a, h: r.header("Content-Type") and None)
    yield is_legal("wrong-type", "an event stream called application/json", with_header("Content-Type", "application/json"))
    yield is_legal("bytes", "a byte at a time", one_piece(17))
    yield is_legal("at-once", "everything in one piece", one_piece(0), dialects=BOTH)
    yield is_legal("close-framed", "the body ends with the connection", framed_as("close"))
    yield is_legal("http-1.0", "HTTP/1.0", framed_as("close", "HTTP/1.0"), quick=True, dialects=BOTH)
    yield is_legal("stream-with-length", "a stream with Content-Length", framed_as("length"))
    yield is_legal("early-hints", "103 and 100 before the answer", interim(
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"))
    yield is_legal("blank-lines-first", "empty lines before the answer (DeepSeek)", before("role", 0, Step(
        "blank", b"\n\n\n"), cut=False))
    yield is_legal("document", "one JSON document where a stream was asked for", _as_document)
    yield is_legal("headers-late", "takes half a second for its headers", headers_late(0.5), wait=0.5, dialects=BOTH)
    yield is_legal("first-word-late", "takes half a second for its first word", slowly("word", 0.5), wait=0.5, dialects=BOTH,
                   quick=True)
    yield is_legal("reasoning-slow", "thinks for longer than a first word may take", thinking(4, 0.35), wait=1.4, dialects=BOTH,
                   quick=True)
    yield is_legal("pause", "rests in the middle for less than the limit", before("word", 30, Step(
        "sleep", seconds=0.5), cut=False), wait=0.5)
    yield is_legal("lines-blank", "empty lines between lines", each_event(lambda d: b"\n" + d), dialects=OLLAMA)
    yield is_legal("no-last-newline", "no newline after the last line", each_event(lambda d: d.rstrip(b"\n"), only="finish"),
                   dialects=OLLAMA)


def _as_document(reply, asked, headers):
    from plan import healthy
    if not asked.stream:
        return None
    asked.stream = False
    reply = healthy(asked)
    reply.pace_s = 0
    return reply


def catalogue():
    for group in (connection, tls, refusals, lies, broken_answers, sizes, tool_calls, legal):
        for fault in group():
            yield fault


FAULTS = {}
for _fault in catalogue():
    if _fault.id in FAULTS:
        raise ValueError(f"two faults are called {_fault.id}")
    FAULTS[_fault.id] = _fault
