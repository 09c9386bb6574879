"""How long one waits for the database: seconds where somebody waits for an answer, else longer.

Requests must be answered within five seconds, so that a locked table or a database that hangs does
not take all threads of the web server. Workers and commands wait for each other's work.
"""

from typing import Any

# Seconds. A task that waits longer is ended by its own limit.
_WORK_LOCK = 1800
_WORK_CONNECT = 10
_REQUEST_CONNECT = 2
# A request asks whether the server still lives after so long without a word from it.
_REQUEST_SILENCE = 1.0
_SQLITE_WORK_LOCK = 20


def for_work(database: dict[str, Any]) -> dict[str, Any]:
    """Return a database's settings with the patience of workers and commands.

    No statement is cut off: loads, migrations and indexes take what they take.
    """
    return _patient(
        database, connect=_WORK_CONNECT, lock=_WORK_LOCK, statement=0, unacknowledged=60
    )


def for_requests(database: dict[str, Any], *, lock: int, statement: int) -> dict[str, Any]:
    """Return a database's settings with the patience of the web server, in seconds."""
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
    limits = f"-c lock_timeout={lock}s -c statement_timeout={statement}s"
    return {
        **database,
        # What was said in DATABASE_URL, to be joined again with other limits.
        "GIVEN_OPTIONS": given,
        "OPTIONS": {
            "connect_timeout": connect,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": unacknowledged * 1000,
            **given,
            "options": f"{limits} {given.get('options', '')}".rstrip(),
        },
    }
