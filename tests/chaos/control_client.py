"""Speaks to a running owner over its control socket, as the program's own commands do."""
import http.client
import json
import socket


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("evenkeel", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Control:
    """One client of the owner at that socket. Every failure is an OSError or http.client.HTTPException."""

    HEADERS = {"x-evenkeel-control": "1", "Content-Type": "application/json"}

    def __init__(self, path, timeout=10):
        self.path, self.timeout = str(path), timeout

    def request(self, method, target, body=None):
        connection = UnixConnection(self.path, self.timeout)
        try:
            connection.request(method, target, None if body is None else json.dumps(body), self.HEADERS)
            reply = connection.getresponse()
            text = reply.read()
            if reply.status != 200:
                raise http.client.HTTPException(f"{method} {target}: {reply.status} {text!r}")
            return json.loads(text)
        finally:
            connection.close()

    def call(self, operation, **arguments):
        return self.request("POST", "/call", {"operation": operation, "arguments": json.dumps(arguments)})

    def submit(self, message):
        """The id, once the owner has said that the message is durable; then nobody watches any more."""
        connection = UnixConnection(self.path, self.timeout)
        try:
            connection.request("POST", "/submit", json.dumps(message), self.HEADERS)
            reply = connection.getresponse()
            if reply.status != 200:
                raise http.client.HTTPException(f"submit: {reply.status} {reply.read()!r}")
            return json.loads(reply.readline())["id"]
        finally:
            connection.close()

    def deliveries(self, frontend):
        """What that surface must still show, as it is handed out: an endless stream that ends with the owner, or with an
        OSError when nothing came for as long as `timeout`."""
        connection = UnixConnection(self.path, self.timeout)
        try:
            connection.request("POST", "/deliveries", json.dumps({"frontend": frontend, "conversation": ""}), self.HEADERS)
            reply = connection.getresponse()
            if reply.status != 200:
                raise http.client.HTTPException(f"deliveries: {reply.status} {reply.read()!r}")
            while line := reply.readline():
                if line.strip():
                    yield json.loads(line)
        finally:
            connection.close()
