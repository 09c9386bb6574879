"""Whether a server that says nothing is busy or hangs.

The kernel of a server that hangs still acknowledges what it is sent, so neither keepalives nor
timeouts of TCP or of the server itself notice. One that is busy takes a new connection at once.
"""

import time
from collections.abc import Callable, Generator, Mapping
from functools import cache
from threading import Lock
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.errors import ConnectionTimeout

# In whole seconds, as psycopg counts. An answer within five leaves no more, and a live server
# on a busy machine takes a while to let one in.
_TIMEOUT_SECONDS = 2
_FRESH_SECONDS = 1.0
# Longer, so that one request that meets it several times is still answered within five seconds.
_HANGING_SECONDS = 3.0
_NOTHING_READY = 0
_WHERE = ("host", "hostaddr", "port", "dbname", "user", "password", "service", "passfile")
_HOW = ("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl")


class Pulse:
    """Asks one server, for all threads together."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._address = ""
        self._lock = Lock()
        self._asked_at = float("-inf")
        self._hangs = False

    def found_at(self, address: str) -> None:
        """Ask at this address from now on: each of several that a name has would take its time."""
        self._address = address

    def check(self) -> None:
        """Ask the server unless that was done just now. Raises ``psycopg.OperationalError``."""
        with self._lock:
            if not self._is_fresh():
                self._hangs = self._ask()
                self._asked_at = time.monotonic()
            hangs = self._hangs
        if hangs:
            raise psycopg.OperationalError("the server does not answer")

    def check_known(self) -> None:
        """Raise ``psycopg.OperationalError`` if the server was found to hang just now."""
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
            return False  # It lives, and refuses.
        return False


@cache
def _pulse(conninfo: str) -> Pulse:
    return Pulse(conninfo)


def pulse(params: Mapping[str, Any]) -> Pulse:
    """Return the pulse of the server that these parameters of a connection name."""
    named = {name: params[name] for name in (*_WHERE, *_HOW) if params.get(name)}
    return _pulse(make_conninfo("", **named))


class Connection(psycopg.Connection[Any]):
    """Gives up, and closes, where ``pulse`` finds that the server hangs."""

    pulse: Pulse | None = None
    silence = 1.0

    def wait(
        self,
        gen: Generator[Any, Any, Any],
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> Any:
        """Wait for the server as psycopg does, and look after it meanwhile."""
        attended = self._attended(gen, self.pulse) if self.pulse else gen
        return super().wait(attended, interval, timeout)

    def _attended(self, gen: Generator[Any, Any, Any], server: Pulse) -> Generator[Any, Any, Any]:
        since = time.monotonic()
        # Else whoever rolls back after a hang would wait all over again.
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
            # What the server says once it goes on is an answer that nobody waits for.
            self.pgconn.finish()
            raise
