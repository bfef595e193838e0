"""How replies are broken: each maker gives an edit `(reply, asked, headers) -> reply or None` for the catalogue.

An edit changes the reply in place, or gives another one. The same edit serves streams and documents of both dialects.
"""
import gzip
import json

from plan import Reply, Step, document, dumps, line, ollama_line, openai_chunk, page, sse, word_event

WORDS_HALF = 40  # Of 62: the published place for a cut.


def untouched(reply, asked, headers):
    return None


def silence(*steps):
    """No head: what happens instead of one."""
    return lambda reply, asked, headers: Reply(200, [], list(steps), "silence")


def status(code, error=None, *headers_sent, html=False):
    """Refuses with a status. `error`: the OpenAI error object's members, or a whole body; Ollama's is one text."""
    def edit(reply, asked, headers):
        if html:
            refusal = page(code)
        elif asked.dialect == "ollama" and isinstance(error, dict) and "message" in error:
            refusal = document(code, {"error": error["message"]})
        elif isinstance(error, dict) and "message" in error:
            refusal = document(code, {"error": {"type": "api_error", "param": None, "code": None} | error})
        else:
            refusal = document(code, error if error is not None else {})
        refusal.headers += list(headers_sent)
        return refusal
    return edit


def echo_key(reply, asked, headers):
    """401 as OpenAI words it: with the key in it, whole."""
    key = headers.get("authorization", "").removeprefix("Bearer ")
    return document(401, {"error": {"message": f"Incorrect API key provided: {key}. You can find your key at …",
                                    "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}})


def whole_body(body, content_type="application/json"):
    """200 with this body and nothing else, whatever was asked for."""
    def edit(reply, asked, headers):
        data = body if isinstance(body, bytes) else dumps(body)
        return Reply(200, [("Content-Type", content_type)], [Step("document", data)], "length")
    return edit


def events(*values, done=True, end=True):
    """A stream (a document: the first value) of these payloads only."""
    def edit(reply, asked, headers):
        if not asked.stream:
            return document(200, values[0])
        write = sse if asked.dialect == "openai" else line
        reply.steps = [Step("role", write(value)) for value in values]
        if done and asked.dialect == "openai":
            reply.steps.append(Step("done", sse(b"[DONE]")))
        if end:
            reply.steps.append(Step("end"))
        return None
    return edit


def content(text, finish="stop", **delta):
    """A whole answer in the right form that says just this."""
    def edit(reply, asked, headers):
        said = {"content": text, **delta}
        if asked.dialect == "openai":
            if not asked.stream:
                return document(200, {"id": "x", "object": "chat.completion", "model": asked.model, "choices": [
                    {"index": 0, "message": {"role": "assistant", **said}, "finish_reason": finish}]})
            return events(openai_chunk(asked, {"role": "assistant", **said}), openai_chunk(asked, {}, finish))(
                reply, asked, headers)
        more = {"thinking": delta["reasoning_content"]} if "reasoning_content" in delta else {}
        value = ollama_line(asked, text)
        value["message"] |= more
        if not asked.stream:
            return document(200, value | {"done": True, "done_reason": finish})
        return events(value, ollama_line(asked, "", True, done_reason=finish))(reply, asked, headers)
    return edit


def before(kind, index, *steps, cut=True):
    """Puts the steps before one of the plan's; `cut` drops what would follow."""
    def edit(reply, asked, headers):
        if not reply.has("word"):
            return None
        if reply.framing == "length" and cut:  # What was announced is more than what comes, but for an end in order.
            kinds = {step.kind for step in steps}
            reply.length = None if "end" in kinds else 1 << 30 if "repeat" in kinds else reply.body_length()
        last = sum(step.kind == "word" for step in reply.steps) - 1
        if kind == "word":
            place = reply.at("word", min(index, last))
        elif kind == "head":
            place = 0
        elif reply.has(kind):
            place = reply.at(kind)
        else:
            place = reply.at("end")
        reply.steps[place:] = list(steps) + ([] if cut else reply.steps[place:])
        return None
    return edit


def without(*kinds):
    """Leaves steps out. A document that loses its end keeps the length that it announced."""
    def edit(reply, asked, headers):
        if reply.framing == "length":
            reply.length = reply.body_length()
        reply.steps = [step for step in reply.steps if step.kind not in kinds]
        if reply.framing == "length":
            reply.steps.append(Step("fin"))
        return None
    return edit


def no_last_marker(reply, asked, headers):
    """Everything was said, but the body's own end is missing."""
    if reply.framing == "chunked":
        reply.steps[-1:] = [Step("fin")]
    return None


def finish_null(reply, asked, headers):
    """Ends in order, but without a finish reason."""
    if asked.dialect == "ollama":
        if asked.stream:
            return without("finish")(reply, asked, headers)
        _swap(reply, "finish", b'"done": true', b'"done": false')
    elif asked.stream:
        reply.steps[reply.at("finish")].data = sse(openai_chunk(asked, {}))
    else:
        _swap(reply, "finish", b'"finish_reason": "stop"', b'"finish_reason": null')
    return None


def _swap(reply, kind, old, new):
    step = reply.steps[reply.at(kind)]
    step.data = step.data.replace(old, new)


def done_only(reply, asked, headers):
    """The words and [DONE], nothing that says why it ended."""
    if not asked.stream:
        return finish_null(reply, asked, headers)
    return without("finish", "usage")(reply, asked, headers)


def in_band_error(done, place=WORDS_HALF, status_too=False):
    """An error inside a stream that began well; a document: instead of it, under 200."""
    def edit(reply, asked, headers):
        if asked.dialect == "ollama":
            error = {"error": "an error was encountered while running the model: unexpected EOF"}
        else:
            error = {"error": {"message": "The server had an error while processing your request",
                               "type": "server_error", "code": None, **({"status": 502} if status_too else {})}}
        if not asked.stream:
            return document(200, error)
        if asked.dialect == "ollama":
            data = line(error)
        elif status_too:
            data = sse(openai_chunk(asked, {}, "error") | error)
        else:
            data = sse(error)
        tail = [Step("error", data)] + ([Step("done", sse(b"[DONE]"))] if done else [])
        return before("word", place, *tail, Step("end"))(reply, asked, headers)
    return edit


def junk(data, place=WORDS_HALF, cut=False):
    """Bytes that are no event in the middle; with cut=False the answer goes on as if nothing had been."""
    def edit(reply, asked, headers):
        if not asked.stream:
            body = b"".join(step.data for step in reply.steps)
            return Reply(200, reply.headers, [Step("document", body[:len(body) // 2] + b'"oops')], "length")
        return before("word", place, Step("junk", data), Step("end") if cut else Step("gap"), cut=cut)(
            reply, asked, headers)
    return edit


def drip(data, pause_s):
    """The same few bytes for ever, one send each `pause_s`."""
    return lambda place=None: Step("repeat", data, -1, pause_s)


def instead_of_words(*steps, head=True):
    """The head, then only this."""
    def edit(reply, asked, headers):
        if reply.framing == "length":
            reply.length = 4096
        reply.steps = list(steps)
        return None
    return edit


def slowly(step_kind, seconds):
    """A healthy reply that rests before one kind of step."""
    def edit(reply, asked, headers):
        place = next((i for i, step in enumerate(reply.steps) if step.kind == step_kind), 0)
        reply.steps.insert(place, Step("sleep", seconds=seconds))
        return None
    return edit


def headers_late(seconds):
    def edit(reply, asked, headers):
        head = Step("bare", reply.head())
        reply.steps = [Step("sleep", seconds=seconds), head, *reply.steps]
        wire = reply.framing
        for step in reply.steps:
            if step.data and step.kind not in ("bare", "sleep"):
                step.data = reply.framed(step.data)
        if wire == "chunked":
            reply.steps[-1] = Step("last", b"0\r\n\r\n")
        reply.framing = "silence"
        return None
    return edit


def thinking(times, pause_s, then_answers=True):
    """Reasoning first, with pauses, then (perhaps) the answer."""
    def edit(reply, asked, headers):
        if not asked.stream:
            return slowly("role", min(times * pause_s, 0.8))(reply, asked, headers) if then_answers else \
                content("", reasoning_content="hm")(reply, asked, headers)
        if asked.dialect == "openai":
            one = sse(openai_chunk(asked, {"reasoning_content": "hm "}))
        else:
            value = ollama_line(asked, "")
            value["message"]["thinking"] = "hm "
            one = line(value)
        thoughts = [step for _ in range(times) for step in (Step("sleep", seconds=pause_s), Step("thought", one))]
        place = reply.at("word")
        if then_answers:
            reply.steps[place:place] = thoughts
        else:
            reply.steps = thoughts + [Step("repeat", one, -1, pause_s)]
        return None
    return edit


def looping(reply, asked, headers):
    """The same phrase over and over, never an end."""
    phrase = " and then the tide turned again,"
    one = sse(openai_chunk(asked, {"content": phrase})) if asked.dialect == "openai" else line(ollama_line(asked, phrase))
    if not asked.stream:
        return content(phrase * 400, "length")(reply, asked, headers)
    return before("word", 3, Step("repeat", one, -1, 0.002))(reply, asked, headers)


def tool_arguments_broken(reply, asked, headers):
    """A whole tool call whose arguments are no JSON."""
    words = [step for step in reply.steps if step.kind == "word"]
    if asked.stream:
        words[-1].data = sse(word_event(asked, '", "', len(words) == 1))
    else:
        reply.steps.remove(words[-1])
    return None


def bomb(reply, asked, headers):
    """gzip although nobody asked for it: some kilobytes that unpack to a gigabyte of blanks."""
    unit = gzip.compress(b" " * (1 << 20), 9)
    return Reply(200, [*reply.headers, ("Content-Encoding", "gzip")],
                 [Step("repeat", unit, 1024), Step("end")], "chunked")


def endless(data, times=-1, place=0):
    """So much of it that only a limit ends it."""
    def edit(reply, asked, headers):
        if not asked.stream:
            reply.length = 1 << 40
        return before("word", place, Step("repeat", data, times), Step("end"))(reply, asked, headers)
    return edit


def one_line(megabytes):
    """One event, or line, or text, of so many mebibytes."""
    def edit(reply, asked, headers):
        opening = b'data: {"choices":[{"index":0,"delta":{"content":"' if asked.dialect == "openai" else \
            b'{"message":{"role":"assistant","content":"'
        if not asked.stream:
            opening = b'{"choices":[{"index":0,"message":{"role":"assistant","content":"'
        steps = [Step("role", opening), Step("repeat", b"x" * 65536, megabytes * 16), Step("end")]
        return Reply(200, reply.headers, steps, "chunked")
    return edit


def framed_as(framing, version="HTTP/1.1", *headers_sent):
    """Another way to say how long the body is."""
    def edit(reply, asked, headers):
        reply.framing, reply.version = framing, version
        reply.headers += list(headers_sent)
        if framing == "close":
            reply.header("Connection", "close")
            reply.steps = [step for step in reply.steps if step.kind != "end"] + [Step("fin")]
        return None
    return edit


def length_off(by):
    """Content-Length says `by` bytes more than come."""
    def edit(reply, asked, headers):
        reply.framing = "length"
        reply.length = reply.body_length() + by
        reply.steps = [step for step in reply.steps if step.kind != "end"] + [Step("fin")]
        return None
    return edit


def each_event(change, only=None):
    """Rewrites the bytes of every event of a stream; documents stay."""
    def edit(reply, asked, headers):
        if asked.stream:
            for step in reply.steps:
                if step.data and (only is None or step.kind == only):
                    step.data = change(step.data)
        return None
    edit.stream_only = True
    return edit


def each_chunk(change):
    """Rewrites the JSON of each event of an OpenAI stream."""
    def rewrite(data):
        if not data.startswith(b"data: {"):
            return data
        return sse(change(json.loads(data[6:])))
    return each_event(rewrite)


def extra_event(kind, index, data):
    """One more event in a stream; documents stay."""
    def edit(reply, asked, headers):
        if asked.stream:
            before(kind, index, Step("extra", data), cut=False)(reply, asked, headers)
        return None
    edit.stream_only = True
    return edit


def one_piece(size):
    """The whole body in sends of `size` bytes; 0: in one."""
    def edit(reply, asked, headers):
        body = b"".join(reply.framed(step.data) for step in reply.steps)
        if reply.framing == "chunked":
            body += b"0\r\n\r\n"
        head, reply.pace_s = Step("bare", reply.head()), 0
        cut = size or len(body)
        reply.steps = [head] + [step for at in range(0, len(body), cut)
                                for step in (Step("bare", body[at:at + cut]), Step("gap"))]
        reply.framing = "silence"
        return None
    return edit


def interim(text):
    def edit(reply, asked, headers):
        reply.interim = text
        return None
    return edit


def with_header(name, value):
    return lambda reply, asked, headers: reply.header(name, value) and None


def combined(*edits):
    def edit(reply, asked, headers):
        for each in edits:
            reply = each(reply, asked, headers) or reply
        return reply
    return edit
