"""Where Django looks for the wrapper of a connection."""

from typing import Any

import psycopg
from django.db.backends.postgresql import base

from storemonitor.postgresql.pulse import Connection, pulse


class _Driver:
    """psycopg, which makes connections of our kind."""

    connect = Connection.connect

    def __getattr__(self, name: str) -> Any:
        return getattr(psycopg, name)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that asks after ``SILENCE_SECONDS`` whether the server hangs; by default never.

    While one is known to hang, the next connection is refused at once.
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
        connection.pulse, connection.silence = server, silence
        return connection
