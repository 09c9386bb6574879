"""Tells whether a silent server is busy or hangs.

The kernel of a server that hangs still acknowledges packets, so neither keepalives nor time-outs of
TCP or of the server notice. A busy server accepts a new connection at once.
"""

import time
from collections.abc import Callable, Generator, Mapping
from functools import cache
from threading import Lock
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.errors import ConnectionTimeout

# Whole seconds, as psycopg counts. To answer within five seconds it cannot be longer, and a live
# server on a busy machine takes a while to accept a connection.
_TIMEOUT_SECONDS = 2
_FRESH_SECONDS = 1.0
# Longer, so that a request that meets it several times is still answered within five seconds.
_HANGING_SECONDS = 3.0
_NOTHING_READY = 0
_WHERE = ("host", "hostaddr", "port", "dbname", "user", "password", "service", "passfile")
_HOW = ("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl")


class Pulse:
    """Checks one server, for all threads together."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._address = ""
        self._lock = Lock()
        self._asked_at = float("-inf")
        self._hangs = False

    def found_at(self, address: str) -> None:
        """Check at this address from now on: trying all addresses of a name would take too long."""
        self._address = address

    def check(self) -> None:
        """Check the server unless just done. Raises ``psycopg.OperationalError``."""
        with self._lock:
            if not self._is_fresh():
                self._hangs = self._ask()
                self._asked_at = time.monotonic()
            hangs = self._hangs
        if hangs:
            raise psycopg.OperationalError("the server does not answer")

    def check_known(self) -> None:
        """Raise ``psycopg.OperationalError`` if the server was just found to hang."""
        if self._hangs and self._is_fresh():
            raise psycopg.OperationalError("the server does not answer")

    def _is_fresh(self) -> bool:
        kept = _HANGING_SECONDS if self._hangs else _FRESH_SECONDS
        return time.monotonic() - self._asked_at < kept

    def _ask(self) -> bool:
        try:
            psycopg.connect(
                self._conninfo, hostaddr=self._address or None, connect_timeout=_TIMEOUT_SECONDS
            ).close()
        except ConnectionTimeout:
            return True
        except psycopg.Error:
            return False  # It is alive and refuses.
        return False


@cache
def _pulse(conninfo: str) -> Pulse:
    return Pulse(conninfo)


def pulse(params: Mapping[str, Any]) -> Pulse:
    """Return the pulse of the server that these connection parameters name."""
    named = {name: params[name] for name in (*_WHERE, *_HOW) if params.get(name)}
    return _pulse(make_conninfo("", **named))


class Connection(psycopg.Connection[Any]):
    """Gives up and closes if ``pulse`` finds that the server hangs."""

    pulse: Pulse | None = None
    silence = 1.0

    def wait(
        self,
        gen: Generator[Any, Any, Any],
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> Any:
        """Wait for the server like psycopg, and check it meanwhile."""
        attended = self._attended(gen, self.pulse) if self.pulse else gen
        return super().wait(attended, interval, timeout)

    def _attended(self, gen: Generator[Any, Any, Any], server: Pulse) -> Generator[Any, Any, Any]:
        since = time.monotonic()
        # Otherwise a rollback after a hang would wait once again.
        self._unless_hanging(server.check_known)
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready != _NOTHING_READY:
                    since = time.monotonic()
                elif time.monotonic() - since >= self.silence:
                    self._unless_hanging(server.check)
                    since = time.monotonic()
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value

    def _unless_hanging(self, check: Callable[[], None]) -> None:
        try:
            check()
        except psycopg.OperationalError:
            # Nothing waits any longer for the server's late answer.
            self.pgconn.finish()
            raise
