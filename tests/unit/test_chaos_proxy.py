"""The proxy of ``./run chaos``: what one end does, the other end sees."""

import socket
import struct

import pytest

from tests.chaos.proxy import Proxy

SECONDS = 10


@pytest.fixture
def ends():
    """The two ends of a connection through a proxy, and the proxy."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = Proxy(server.getsockname()[1])
        near = socket.create_connection(("127.0.0.1", proxy.port), timeout=SECONDS)
        far, _ = server.accept()
        far.settimeout(SECONDS)
        near.sendall(b"x")
        assert far.recv(1) == b"x"
        try:
            yield near, far, proxy
        finally:
            near.close()
            far.close()
            proxy.close()


def test_an_end_that_is_closed_can_still_receive(ends):
    near, far, _ = ends
    near.shutdown(socket.SHUT_WR)
    assert far.recv(1) == b""
    far.sendall(b"late")
    assert near.recv(4) == b"late"


def test_an_end_that_was_killed_takes_the_other_along(ends):
    near, far, _ = ends
    # Closing resets the connection, as it does with bytes that were not read.
    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    near.close()
    assert _ended(far)


def test_cutting_ends_both(ends):
    near, far, proxy = ends
    proxy.cut()
    assert _ended(near)
    assert _ended(far)


def test_what_is_held_arrives_once_it_heals(ends):
    near, far, proxy = ends
    proxy.hold()
    near.sendall(b"held")
    far.settimeout(0.2)
    with pytest.raises(TimeoutError):
        far.recv(4)
    far.settimeout(SECONDS)
    proxy.heal()
    assert far.recv(4) == b"held"


def _ended(end):
    try:
        return end.recv(1) == b""
    except ConnectionResetError:
        return True
