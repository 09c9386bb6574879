"""Keeps the processes of a run, and runs on one machine, out of each other's way.

A pytest plugin (`-p tests.isolation`), so that it is loaded before Django reads its settings: each
worker of pytest-xdist gets its own data folder. Resources that the machine has only once, such as
the numbers of a Redis, are taken under a lock.
"""

import fcntl
import os
import socket
import tempfile
import time
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

PATIENCE = 600.0
# Below the ports that Linux and macOS give to connections, which could take one in between.
PORTS = range(20_000, 32_000)
BLOCK = 100

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    data = Path(os.environ.get("VAR_DIR", "var"), worker)
    data.mkdir(parents=True, exist_ok=True)
    os.environ["VAR_DIR"] = str(data)


@contextmanager
def try_lock(name):
    """Yield whether the lock of that name is ours to the end of the block; do not wait for it."""
    with Path(tempfile.gettempdir(), f"storemonitor-{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def one_of(names):
    """Yield the first free name; wait for one, at most ten minutes."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for name in names:
            with try_lock(name) as ours:
                if ours:
                    yield name
                    return
        time.sleep(0.1)
    raise TimeoutError(f"others have {', '.join(names)}")


def _our_ports():
    """Yield the ports of the first free block, over and over; it is ours to the end."""
    for first in PORTS[::BLOCK]:
        with try_lock(f"ports-{first}") as ours:
            if ours:
                yield from cycle(range(first, first + BLOCK))
    raise RuntimeError(f"others have all ports from {PORTS[0]} to {PORTS[-1]}")


_ports = _our_ports()


def free_port():
    """Return a port that no other process of any run is given, and that is free."""
    return next(port for port in _ports if _is_free(port))


def _is_free(port):
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
