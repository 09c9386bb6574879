"""gunicorn's threaded worker, protected from slow senders, with threads for health checks.

gunicorn hands a connection to a thread at once, which then waits for data that the sender may never
send. Here the loop that accepts connections reads the head of each request itself, without
blocking, and a thread starts with the complete head. A thread reads the body, which must arrive at
a minimum speed. ``/healthz`` has its own thread, so it never waits behind other requests, and so
have the questions that take longer, ``/readyz`` and ``/metrics``. The loop never waits for
anything: neither for a head nor for the other side to close.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import product
from selectors import EVENT_READ
from socket import SHUT_WR
from typing import Any

from gunicorn import http
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

# Seconds for a complete head, and its largest size; gunicorn's own limits are lower.
HEAD_SECONDS = 10.0
_MOST_HEAD = 64 * 1024
# A body may pause this long, and must average this many bytes a second.
BODY_PAUSE_SECONDS = 15.0
_BODY_BYTES_A_SECOND = 1024
# An answer that the client does not read for this long is given up.
SEND_SECONDS = 60.0
# Seconds for the other side to close after us, and what it may still send until then. If closed at
# once, a connection with unread bytes would lose the end of the answer.
LEAVE_SECONDS = 2.0
_MOST_UNREAD = 64 * 1024
_END_OF_HEAD = b"\r\n\r\n"
_HEALTH = (b"GET /healthz", b"HEAD /healthz")
_STATE = tuple(b"%b /%b" % one for one in product((b"GET", b"HEAD"), (b"readyz", b"metrics")))
# Several monitors may ask while everything hangs, and each wants its answer within seconds.
STATE_THREADS = 4
# A request with a body could make these threads wait for it.
_BODY = (b"\r\ncontent-length:", b"\r\ntransfer-encoding:")


class _Body(SocketUnreader):  # type: ignore[misc]
    """Reads from a socket, but no longer than the bytes received so far justify."""

    def __init__(self, sock: Any) -> None:
        super().__init__(sock)
        self._waited = 0.0
        self._came = 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return the next piece. Raises ``TimeoutError``."""
        left = BODY_PAUSE_SECONDS + self._came / _BODY_BYTES_A_SECOND - self._waited
        usual = self.sock.gettimeout()
        patience = [left, BODY_PAUSE_SECONDS, *([] if usual is None else [usual])]
        self.sock.settimeout(max(min(patience), 0.001))
        started = time.monotonic()
        try:
            piece: bytes = super().chunk(size_hint)
        finally:
            self.sock.settimeout(usual)
        self._waited += time.monotonic() - started
        self._came += len(piece)
        return piece


class Worker(ThreadWorker):  # type: ignore[misc]
    """See above. Speaks HTTP/1 without TLS, which is the proxy's job."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._health = ThreadPoolExecutor(max_workers=1, thread_name_prefix="health")
        self._state = ThreadPoolExecutor(STATE_THREADS, thread_name_prefix="state")
        self._heads: dict[Any, tuple[bytes, float]] = {}
        self._leaving: dict[Any, tuple[int, float]] = {}

    def accept(self, listener: Any) -> None:
        """Accept a connection, and wait in the loop for its data."""
        try:
            client, address = listener.accept()
        except OSError:  # Already gone, or another process was first.
            return
        self.nr_conns += 1
        self._await_head(TConn(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Read the head of the next request on a kept connection."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await_head(conn)
        self._read_head(conn, client)

    def finish_request(self, conn: Any, future: "Future[bool]") -> None:
        """Keep a connection for its next request, part of which may be here, or close it."""
        if future.cancelled() or future.exception() or not future.result():
            self._leave(conn)
            return
        come = conn.parser.unreader.take_buffered()
        if come:
            self._await_head(conn)
            self._add(conn, come)
        else:
            super().finish_request(conn, future)

    def enqueue_req(self, conn: Any) -> None:
        """Hand a request to a thread; questions about health and state have their own."""
        head = conn.parser.unreader.buf.getvalue().partition(_END_OF_HEAD)[0]
        done = self._pool_for(head).submit(self.handle, conn)
        done.add_done_callback(
            lambda future: self.method_queue.defer(self.finish_request, conn, future)
        )

    def handle_request(self, req: Any, conn: Any) -> Any:
        conn.sock.settimeout(SEND_SECONDS)
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Close connections whose head does not arrive; at the end, also idle ones."""
        now = time.monotonic()
        for conn, (head, deadline) in list(self._heads.items()):
            if deadline > now and (head or self.alive):
                continue
            self._give_up(conn)
        for conn, (_, deadline) in list(self._leaving.items()):
            if deadline <= now:
                self._close(conn)
        super().murder_pending()

    def _pool_for(self, head: bytes) -> Any:
        if any(name in head.lower() for name in _BODY):
            return self.tpool
        if head.startswith(_HEALTH):
            return self._health
        return self._state if head.startswith(_STATE) else self.tpool

    def _await_head(self, conn: Any) -> None:
        conn.sock.setblocking(False)
        self._heads[conn] = (b"", time.monotonic() + HEAD_SECONDS)
        self.poller.register(conn.sock, EVENT_READ, partial(self._read_head, conn))

    def _read_head(self, conn: Any, _: Any) -> None:
        piece = _received(conn)
        if piece:
            self._add(conn, piece)
        elif piece is not None:
            self._give_up(conn)

    def _add(self, conn: Any, piece: bytes) -> None:
        """Add a piece of a head, and start the request if it is complete."""
        head, deadline = self._heads[conn]
        head += piece
        if _END_OF_HEAD not in head and len(head) < _MOST_HEAD:
            self._heads[conn] = (head, deadline)
            return
        self._forget(conn)
        self._begin(conn, head)

    def _begin(self, conn: Any, head: bytes) -> None:
        if conn.parser is None:
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
        conn.parser.unreader = _Body(conn.sock)
        conn.parser.unreader.unread(head)
        conn.initialized = True
        self.enqueue_req(conn)

    def _give_up(self, conn: Any) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    def _forget(self, conn: Any) -> None:
        del self._heads[conn]
        self.poller.unregister(conn.sock)

    def _leave(self, conn: Any) -> None:
        """Signal that nothing more follows, and close after the other side has closed."""
        try:
            conn.sock.shutdown(SHUT_WR)
            conn.sock.setblocking(False)
        except OSError:  # Closed by the client or by the thread.
            self.nr_conns -= 1
            conn.close()
            return
        self._leaving[conn] = (0, time.monotonic() + LEAVE_SECONDS)
        self.poller.register(conn.sock, EVENT_READ, partial(self._read_rest, conn))

    def _read_rest(self, conn: Any, _: Any) -> None:
        unread, deadline = self._leaving[conn]
        piece = _received(conn)
        if piece is None:
            return
        unread += len(piece)
        if piece and unread < _MOST_UNREAD:
            self._leaving[conn] = (unread, deadline)
        else:
            self._close(conn)

    def _close(self, conn: Any) -> None:
        del self._leaving[conn]
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()


def _received(conn: Any) -> bytes | None:
    """Return received bytes; None if there are none yet, b"" if none will come."""
    try:
        piece: bytes = conn.sock.recv(_MOST_HEAD)
    except BlockingIOError:
        return None
    except OSError:
        return b""
    return piece
