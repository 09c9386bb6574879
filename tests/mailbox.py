"""A real SMTP server of one thread a connection, which does as a test tells it to."""

import email
import email.policy
import socketserver
from contextlib import contextmanager
from threading import Thread


class Mailbox:
    """The messages received, and the SMTP line that refuses each command to be refused."""

    def __init__(self):
        self.received = []  # (sender, recipients, message)
        self.refusals = {}  # Such as {"RCPT": ["450 later"]}: each line once.
        self.dropping = 0  # So many connections end after the message, without a reply.

    def refusal(self, command):
        lines = self.refusals.get(command)
        return lines.pop(0) if lines else None

    def take(self, sender, recipients, data):
        message = email.message_from_bytes(data, policy=email.policy.default)
        self.received.append((sender, recipients, message))
        self.dropping -= 1
        return self.dropping < 0


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.sender, self.recipients = "", []
        self.reply("220 mailbox")
        for line in iter(self.rfile.readline, b""):
            command, _, rest = line.decode().strip().partition(" ")
            if not self.answer(command.upper(), rest):
                return

    def reply(self, text):
        self.wfile.write(f"{text}\r\n".encode())
        return True

    def answer(self, command, rest):
        refusal = self.server.box.refusal(command)
        if refusal:
            return self.reply(refusal)
        return getattr(self, f"on_{command.lower()}", self.on_other)(rest)

    def on_mail(self, rest):
        self.sender, self.recipients = _address(rest), []
        return self.reply("250 ok")

    def on_rcpt(self, rest):
        self.recipients.append(_address(rest))
        return self.reply("250 ok")

    def on_data(self, _):
        self.reply("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        data = b"".join(line[1:] if line.startswith(b"..") else line for line in lines)
        return self.server.box.take(self.sender, self.recipients, data) and self.reply("250 taken")

    def on_quit(self, _):
        self.reply("221 bye")

    def on_other(self, _):
        return self.reply("250 ok")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def handle_error(self, *_):
        """A sender that goes away is part of the tests."""


@contextmanager
def mailbox():
    """Serve on a port of this machine; yield the mailbox, with its ``url`` for EMAIL_URL."""
    box = Mailbox()
    with Server(("127.0.0.1", 0), Conversation) as server:
        server.box = box
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        box.host, box.port = server.server_address
        box.url = f"smtp://{box.host}:{box.port}"
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()


def _address(rest):
    return rest.partition("<")[2].partition(">")[0]
