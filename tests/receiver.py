"""A real HTTP server that receives webhooks and answers as a test tells it to."""

import base64
import hashlib
import hmac
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Receiver:
    """The requests received, and the answers to give: each once, the last one from then on."""

    def __init__(self):
        self.received = []
        self.answers = [status(204)]
        self.ended = Event()

    def answer(self, handler):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer(handler, self)


@contextmanager
def receiving(*, context=None, address="127.0.0.1"):
    """Serve on a port of this machine; yield the receiver, with its ``port`` and ``url``."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.path, headers, body))
            receiver.answer(self)

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            """A sender that goes away, or does not like the certificate, is part of the tests."""

    server = Server((address, 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    receiver.url = f"http://{address}:{receiver.port}/hook"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def status(code, body=b"", **headers):
    """Answer by a status, a body and headers."""

    def answer(handler, _):
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hang(_, receiver):
    """Answer nothing until the test is over."""
    receiver.ended.wait(60)


def drip(handler, receiver):
    """Answer a byte at a time, for ever: no single read takes long."""
    for _ in iter(lambda: receiver.ended.wait(0.02), True):
        handler.wfile.write(b"x")


def pour(handler, receiver):
    """Answer 200 with a body that does not end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while not receiver.ended.is_set():
        handler.wfile.write(b"poured " * 10_000)


def drop(handler, _):
    """Close the connection without an answer."""
    handler.close_connection = True
    handler.connection.close()


def say(data):
    """Answer by these bytes, whatever they are, and close the connection."""

    def answer(handler, _):
        handler.wfile.write(data)
        handler.close_connection = True

    return answer


def cut_short(handler, _):
    """Answer 200 and close the connection in the middle of the body."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    drop(handler, _)


def verify(secret, received, *, at=None):
    """Return whether a signature is right, by the words of the specification and no code of ours.

    Standard Webhooks 1.0: HMAC-SHA256 over id, timestamp and body, joined by full stops.
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    said = received.headers
    if abs(int(said["webhook-timestamp"]) - (at or time.time())) > 300:
        return False
    signed = b".".join(
        [said["webhook-id"].encode(), said["webhook-timestamp"].encode(), received.body]
    )
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{wanted}" in said["webhook-signature"].split(" ")
