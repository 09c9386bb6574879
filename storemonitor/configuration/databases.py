"""Database time-outs: seconds for requests, longer for workers and commands.

Requests must be answered within five seconds, so that a locked table or a database that hangs does
not block all threads of the web server. Workers and commands wait for each other.
"""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

# Seconds. A task that waits longer is ended by its own limit.
_WORK_LOCK = 1800
_WORK_CONNECT = 10
_REQUEST_CONNECT = 2
# After this long without data from the server, a request checks whether it is alive.
_REQUEST_SILENCE = 1.0
_SQLITE_WORK_LOCK = 20
# Of both ends: a server waits two hours by default before it ends the session of a host that is cut
# off, and its locks with it. Nobody could ingest until then.
_KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
_ENGINES = {"django.db.backends.postgresql", "django.db.backends.sqlite3"}


def database_of(url: str) -> dict[str, Any]:
    """Return the database's settings from DATABASE_URL. Raises ImproperlyConfigured without it."""
    try:
        database: dict[str, Any] = environ.Env.db_url_config(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}.") from error
    if database.get("ENGINE") not in _ENGINES:
        raise ImproperlyConfigured(
            "DATABASE_URL names neither PostgreSQL nor SQLite: write"
            " postgres://user:password@host:5432/name or sqlite:////path/to/file."
        )
    return database


def for_work(database: dict[str, Any]) -> dict[str, Any]:
    """Return a database's settings with the time-outs of workers and commands.

    Statements have no time limit: loads, migrations and indexes take as long as they take.
    """
    return _patient(
        database, connect=_WORK_CONNECT, lock=_WORK_LOCK, statement=0, unacknowledged=60
    )


def for_requests(database: dict[str, Any], *, lock: int, statement: int) -> dict[str, Any]:
    """Return a database's settings with the time-outs of the web server, in seconds."""
    patient = _patient(
        database, connect=_REQUEST_CONNECT, lock=lock, statement=statement, unacknowledged=4
    )
    return {**patient, "SILENCE_SECONDS": _REQUEST_SILENCE}


def _patient(
    database: dict[str, Any], *, connect: int, lock: int, statement: int, unacknowledged: int
) -> dict[str, Any]:
    options = database.get("OPTIONS", {})
    if database["ENGINE"].endswith("sqlite3"):
        return {**database, "OPTIONS": {**options, "timeout": min(lock, _SQLITE_WORK_LOCK)}}
    given = database.get("GIVEN_OPTIONS", options)
    limits = {
        "lock_timeout": f"{lock}s",
        "statement_timeout": f"{statement}s",
        **{f"tcp_{name}": seconds for name, seconds in _KEEPALIVES.items()},
        "tcp_user_timeout": f"{unacknowledged}s",
    }
    told = " ".join(f"-c {name}={value}" for name, value in limits.items())
    return {
        **database,
        # The options of DATABASE_URL, to combine with other limits later.
        "GIVEN_OPTIONS": given,
        "OPTIONS": {
            "connect_timeout": connect,
            **_KEEPALIVES,
            "tcp_user_timeout": unacknowledged * 1000,
            **given,
            "options": f"{told} {given.get('options', '')}".rstrip(),
        },
    }
