"""Exclusive use of a data folder and a port."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PORTS_TRIED = 20


class InUse(Exception):
    """The folder or the port is in use; the text is a sentence that names the user if known."""


class Folder:
    """The data folder, held until the lock file is closed here and in every child process."""

    def __init__(self, lock: IO[str]) -> None:
        self._lock = lock
        self._note("")

    @property
    def handle(self) -> int:
        """The handle that a child process keeps open to hold the folder."""
        return self._lock.fileno()

    def serve_at(self, url: str) -> None:
        """Record the URL of this server for a second start."""
        self._note(url)

    def _note(self, url: str) -> None:
        self._lock.seek(0)
        self._lock.truncate()
        self._lock.write(f"{os.getpid()} {url}")
        self._lock.flush()


@contextmanager
def taken(folder: Path) -> Iterator[Folder]:
    """Take the folder for one server. Raises ``InUse`` while another server runs.

    It waits for the rest of a previous server to end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "server.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _check_holder(lock, folder)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield Folder(lock)


def _check_holder(lock: IO[str], folder: Path) -> None:
    lock.seek(0)
    process, _, url = lock.read().partition(" ")
    if process.isdecimal() and _alive(int(process)):
        where = f" at {url}" if url else ""
        raise InUse(f"{folder} is already in use by a server{where}, process {process}.")


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def free_port(host: str, wanted: int) -> int:
    """Return the first free port from ``wanted`` on. Raises ``InUse``."""
    for port in range(wanted, wanted + PORTS_TRIED):
        if _is_free(host, port):
            return port
    raise InUse(f"The ports from {wanted} to {port} of {host} are all taken. Set PORT.")


def _is_free(host: str, port: int) -> bool:
    try:
        [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise InUse(f"Cannot listen on port {port} of {host}: {error.strerror}.") from error
    return True
