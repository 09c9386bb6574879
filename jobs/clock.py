"""The one clock that all processes share: the database's.

Different machines compare leases and due times, and their clocks differ. A worker an hour ahead
would take over others' jobs and leave leases of an hour; so no worker uses its own clock.
"""

from datetime import UTC, datetime

from django.db import connection

# Not the start of the transaction, which is what now() gives on PostgreSQL.
_ASK = {
    "postgresql": "SELECT clock_timestamp()",
    "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')",
}


def now() -> datetime:
    """Return the database's time, aware and in UTC; on SQLite in whole milliseconds.

    It is written to rows as a value, so that compared values have one format on both databases:
    SQLite compares texts, and its own functions write fewer digits than Django. A value that is old
    when it is written is safe: its lease ends earlier, and fewer leases have expired by it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ASK[connection.vendor])
        [told] = cursor.fetchone()
    return datetime.fromisoformat(told).replace(tzinfo=UTC) if isinstance(told, str) else told
