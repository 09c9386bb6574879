"""The connection wrapper, where Django looks for it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from typing import Any, TypeVar

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base

from storemonitor.postgresql.pulse import Connection, pulse

R = TypeVar("R")


class _Driver:
    """psycopg with our connection class."""

    connect = Connection.connect

    def __getattr__(self, name: str) -> Any:
        return getattr(psycopg, name)


class DatabaseWrapper(base.DatabaseWrapper):
    """Checks after ``SILENCE_SECONDS`` whether the server hangs; by default never.

    While a server is known to hang, new connections are refused at once.
    """

    Database = _Driver()  # type: ignore[assignment]

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect."""
        silence = self.settings_dict.get("SILENCE_SECONDS")
        if not silence:
            return super().get_new_connection(conn_params)
        server = pulse(conn_params)
        server.check_known()
        connection = super().get_new_connection(conn_params)
        server.found_at((connection.pgconn.hostaddr or b"").decode())
        connection.pulse, connection.silence = server, silence
        return connection

    def watched(self, work: Callable[[], R], opened: ExitStack) -> R:
        """Return the result of ``work``, which queries the same server with another library.

        Raises ``django.db.OperationalError`` if the server hangs meanwhile. A call of another
        library cannot be interrupted: it is left to its thread, which closes ``opened`` at its end.
        """
        silence = self.settings_dict.get("SILENCE_SECONDS")
        if not silence:
            return work()
        server = pulse(self.get_connection_params())
        thread = ThreadPoolExecutor(max_workers=1)
        done = thread.submit(work)
        thread.shutdown(wait=False)
        while not wait([done], silence).done:
            try:
                with self.wrap_database_errors:
                    server.check()
            except OperationalError:
                _close_after(done, opened)
                raise
        return done.result()


def _close_after(done: "Future[Any]", opened: ExitStack) -> None:
    """Close, after the call, what is open now and what the call still opens."""
    left = opened.pop_all()
    left.push(opened)
    done.add_done_callback(lambda _: left.close())
