"""The database: reachable, of a version and form that works, writable, and on time."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from storemonitor.operations.doctor.examination import one_line
from storemonitor.operations.doctor.findings import Finding, counted, fail, fine, named, warn
from storemonitor.operations.heartbeats import CLOCK_OFF, times

_LEAST_POSTGRESQL = 150000
# A sound file of this size is read in some seconds.
_MOST_READ = 256 * 1024**2
_MOST_CONNECTIONS = 0.9
_NTP = "correct the clock of the machine that is wrong, with NTP: timedatectl set-ntp true"


def reachable() -> Iterator[Finding]:
    """Connect, and judge the server."""
    try:
        connection.ensure_connection()
    except (DatabaseError, InterfaceError) as error:
        yield fail(f"{_place()} cannot be used: {one_line(error)}", _start())
        return
    yield from _of_postgresql() if connection.vendor == "postgresql" else _of_sqlite()


def _place() -> str:
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"SQLite at {given['NAME']}"
    return f"PostgreSQL, {given['NAME']} on {given['HOST'] or 'localhost'}:{given['PORT'] or 5432}"


def _start() -> str:
    if connection.vendor == "sqlite":
        return f"see whether the folder of {connection.settings_dict['NAME']} exists and is ours"
    return "start PostgreSQL, or correct DATABASE_URL: host, port, name, user, password"


def _of_postgresql() -> Iterator[Finding]:
    version, encoding, zone, connections, most = _row(
        "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),"
        " current_setting('TimeZone'), (SELECT count(*) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend'), current_setting('max_connections')::int"
    )
    said = f"{version // 10000}.{version % 10000}"
    if version < _LEAST_POSTGRESQL:
        do = "upgrade it with pg_upgrade, or restore a dump (docs/operations.md) into a newer one"
        yield fail(f"PostgreSQL {said} is too old: 15 is needed", do)
    if encoding != "UTF8":
        do = "restore a dump (docs/operations.md) into one made with createdb -E UTF8 -T template0"
        yield fail(f"the database's encoding is {encoding}: some names cannot be stored", do)
    if zone != "UTC":
        text = f"sessions are in {zone} instead of UTC"
        yield fail(text, "remove TimeZone from the options in DATABASE_URL")
    if connections > _MOST_CONNECTIONS * most:
        text = f"{connections} of at most {most} connections are in use"
        yield warn(text, "raise max_connections, or lower WEB_CONCURRENCY and restart the web")
    yield fine(f"{_place()}, version {said}")


def _of_sqlite() -> Iterator[Finding]:
    path = Path(connection.settings_dict["NAME"])
    if path.stat().st_size <= _MOST_READ:
        [answer] = _row("PRAGMA quick_check(1)")
        if answer != "ok":
            do = "stop everything, and restore the last backup (docs/operations.md)"
            yield fail(f"{path} is damaged: {one_line(ValueError(answer))}", do)
    [mode] = _row("PRAGMA journal_mode")
    if mode != "wal":
        text = f"the journal of {path} is {mode}, not wal: readers and writers block each other"
        yield warn(text, "keep the file on a local disk: a network's cannot do it")
    yield fine(_place())


def writable() -> Iterator[Finding]:
    """Find tables and folders that may not be written."""
    if connection.vendor == "sqlite":
        yield from _sqlite_writable(Path(connection.settings_dict["NAME"]))
        return
    [standby, read_only, name] = _row(
        "SELECT pg_is_in_recovery(), current_setting('transaction_read_only'), current_database()"
    )
    if standby:
        yield fail("it is a standby: nothing can be written", "set DATABASE_URL to the primary")
    elif read_only == "on":
        sql = f'SET default_transaction_read_only = off; ALTER DATABASE "{name}"'
        do = f"echo '{sql} SET default_transaction_read_only = off' | ./run manage dbshell"
        yield fail("transactions are read-only by default", do)
    yield from _tables_writable()
    [user, creates] = _row("SELECT current_user, has_schema_privilege(current_schema(), 'CREATE')")
    if not creates:
        text = f"{user} may not create tables: polls of new weeks and migrations fail"
        yield fail(text, f"as the owner in psql: GRANT CREATE ON SCHEMA public TO {user};")


def _tables_writable() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, current_user FROM pg_class WHERE relkind IN ('r', 'p')"
            " AND relnamespace = current_schema()::regnamespace AND NOT"
            " (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')"
            " AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))"
            " ORDER BY 1"
        )
        denied = cursor.fetchall()
    if denied:
        user, tables = denied[0][1], [table for table, _ in denied]
        yield fail(
            f"{user} may not read and write {counted(len(tables), 'table')}: {named(tables)}",
            f"as the owner in psql: GRANT ALL ON ALL TABLES IN SCHEMA public TO {user};",
        )


def _sqlite_writable(path: Path) -> Iterator[Finding]:
    beside = [path.with_name(path.name + end) for end in ("-wal", "-shm")]
    files = [path.parent, path, *(one for one in beside if one.exists())]
    denied = [str(one) for one in files if not os.access(one, os.W_OK)]
    if denied:
        do = f"run everything as one user: chown -R {_user()} {path.parent}"
        yield fail(f"{named(denied)} cannot be written by this user", do)


def _user() -> str:
    return str(os.geteuid())


def clock() -> Iterator[Finding]:
    """Compare this machine's clock with the database's."""
    _, ahead = times()
    if abs(ahead) > CLOCK_OFF:
        seconds = round(ahead.total_seconds())
        how = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'}"
        yield warn(f"this machine's clock is {how} the database's", _NTP)
    else:
        yield fine(f"{round(ahead / timedelta(milliseconds=1))} ms ahead of the database's")


def _row(query: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row: tuple[Any, ...] = cursor.fetchone()
    return row
