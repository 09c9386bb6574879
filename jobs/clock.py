"""The one clock that all processes share: the database's.

Different machines compare leases and due times, and their clocks differ. A worker an hour ahead
would take the jobs of others and leave leases of an hour, so no worker uses its own clock.
"""

from datetime import UTC, datetime

from django.db import connection

# Not the time at which the transaction began, which is what now() says on PostgreSQL.
_ASK = {
    "postgresql": "SELECT clock_timestamp()",
    "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')",
}


def now() -> datetime:
    """Return the database's time, aware and in UTC; on SQLite in whole milliseconds.

    It goes into rows as a value, so that what is compared has one form on both databases: SQLite
    compares texts, and what its own functions write has fewer digits than what Django writes.
    A value that is old by the time it is written is safe: its lease ends earlier, and less has run
    out by it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ASK[connection.vendor])
        [told] = cursor.fetchone()
    return datetime.fromisoformat(told).replace(tzinfo=UTC) if isinstance(told, str) else told
