"""A provider for what practice providers do not do: calls of tools, and vectors. It speaks OpenAI's API or Ollama's."""
import base64
import http.server
import json
import struct
import threading


def vector(text, dimensions):
    """Some steady numbers for a text, exact as floats of 32 bits."""
    return [((hash_of(text) >> i) % 64 - 32) / 32 for i in range(dimensions)]


def hash_of(text):
    value = 5381
    for byte in text.encode():
        value = (value * 33 + byte) % (1 << 61)
    return value


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path.endswith("/models"):
            return self.reply({"object": "list", "data": [{"id": "practice"}, {"id": "embedder"}]})
        if self.path == "/api/tags":
            return self.reply({"models": [{"name": "practice"}]})
        return self.reply({"models": []})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, body))
        if self.server.failing:
            return self.reply({"error": {"message": "down"}}, self.server.failing)
        if self.path.endswith("/embeddings"):
            return self.openai_vectors(body)
        if self.path == "/api/embed":
            return self.ollama_vectors(body)
        if self.path == "/api/chat":
            return self.ollama_call(body)
        return self.openai_call(body)

    def texts(self, body):
        return [body["input"]] if isinstance(body["input"], str) else body["input"]

    def openai_vectors(self, body):
        def shown(numbers):
            if body.get("encoding_format") == "base64":
                return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
            return numbers
        vectors = [vector(text, body.get("dimensions", 8)) for text in self.texts(body)]
        self.reply({"object": "list", "model": body["model"], "usage": {"prompt_tokens": 5, "total_tokens": 5},
                    "data": [{"object": "embedding", "index": i, "embedding": shown(v)} for i, v in enumerate(vectors)]})

    def ollama_vectors(self, body):
        if body["model"] not in ("embedder", "practice"):
            return self.reply({"error": f"model \"{body['model']}\" not found, try pulling it first"}, 404)
        self.reply({"model": body["model"], "prompt_eval_count": 5, "total_duration": 1, "load_duration": 1,
                    "embeddings": [vector(text, body.get("dimensions", 8)) for text in self.texts(body)]})

    def openai_call(self, body):
        """Asks for the weather in two calls at once; once their results are there, tells them."""
        results = [m["content"] for m in body["messages"] if m["role"] == "tool"]
        head = {"id": "chatcmpl-1", "created": 1, "model": body["model"]}
        calls = [{"index": i, "id": f"call_{i}", "type": "function",
                  "function": {"name": "get_weather", "arguments": json.dumps({"city": city})}}
                 for i, city in enumerate(("Paris", "Rome"))]
        message = {"content": " and ".join(results)} if results else {"content": None, "tool_calls": calls}
        finish = "stop" if results else "tool_calls"
        if not body.get("stream"):
            return self.reply({**head, "object": "chat.completion", "usage": {"prompt_tokens": 1, "completion_tokens": 2,
                                                                              "total_tokens": 3},
                               "choices": [{"index": 0, "finish_reason": finish,
                                            "message": {"role": "assistant", **message}}]})
        deltas = [{"role": "assistant", "content": ""}]
        for call in [] if results else calls:
            arguments = call["function"]["arguments"]
            deltas.append({"tool_calls": [{**call, "function": {"name": "get_weather", "arguments": ""}}]})
            deltas += [{"tool_calls": [{"index": call["index"], "function": {"arguments": part}}]}
                       for part in (arguments[:5], arguments[5:])]
        if results:
            deltas.append(message)
        chunks = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
        chunks.append({"index": 0, "delta": {}, "finish_reason": finish})
        lines = [{**head, "object": "chat.completion.chunk", "choices": [chunk]} for chunk in chunks]
        return self.stream("text/event-stream", [f"data: {json.dumps(line)}\n\n" for line in lines] + ["data: [DONE]\n\n"])

    def ollama_call(self, body):
        results = [m["content"] for m in body["messages"] if m["role"] == "tool"]
        calls = [{"function": {"name": "get_weather", "arguments": {"city": city}}} for city in ("Paris", "Rome")]
        message = {"content": " and ".join(results)} if results else {"content": "", "tool_calls": calls}
        head = {"model": body["model"], "created_at": "2026-11-22T17:31:18.5Z"}
        done = {"done": True, "done_reason": "stop", "total_duration": 9, "load_duration": 1, "prompt_eval_count": 1,
                "prompt_eval_duration": 1, "eval_count": 2, "eval_duration": 1}
        if not body.get("stream", True):
            return self.reply({**head, "message": {"role": "assistant", **message}, **done})
        lines = [{**head, "message": {"role": "assistant", **message}, "done": False},
                 {**head, "message": {"role": "assistant", "content": ""}, **done}]
        return self.stream("application/x-ndjson", [json.dumps(line) + "\n" for line in lines])

    def reply(self, value, status=200):
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def stream(self, kind, pieces):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece.encode()), piece.encode()))
        self.wfile.write(b"0\r\n\r\n")


class Scripted:
    def __init__(self, kind):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.seen, self.server.failing = [], 0
        self.base_url = f"http://127.0.0.1:{self.server.server_port}" + ("/v1" if kind == "openai" else "")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def seen(self):
        return self.server.seen

    def fail(self, status):
        """With that status from now on; 0: well again."""
        self.server.failing = status

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
