"""Two days of hourly polls, with hours in which nobody polled."""

from datetime import UTC, datetime, timedelta

from tests.database.files import ingest_polls, ingest_stores, ingest_time_zones

BEGIN = datetime(2024, 1, 10, tzinfo=UTC)
SILENT_AS_OF = datetime(2024, 1, 12, tzinfo=UTC)
NEWEST = "2024-01-11T23:15:00.500000Z"
FLEET = {
    "from": "2024-01-11T07:15:00.500000Z",
    "to": "2024-01-11T12:00:00.500000Z",
    "scope": "fleet",
    "stores": 16,
}
LATE = {
    "from": "2024-01-11T12:00:00.500000Z",
    "to": "2024-01-11T14:08:00.500000Z",
    "scope": "tag:late",
    "stores": 8,
}


def polls(numbers: range, silent: range) -> list[str]:
    """Of the second day the silent hours are left out."""
    return [
        f"s{n},active,{BEGIN + timedelta(hours=hour, minutes=n):%Y-%m-%d %H:%M:%S.5} UTC"
        for n in numbers
        for hour in range(48)
        if hour - 24 not in silent
    ]


def ingest_silent_fleet() -> None:
    """Sixteen stores; nobody was polled from 07:15 to 12:00, the late ones not until 14:08."""
    ingest_polls(*polls(range(8), range(8, 12)), *polls(range(8, 16), range(8, 14)))
    ingest_stores(*(f"s{n},,late" for n in range(8, 16)))
    ingest_time_zones(*(f"s{n},UTC" for n in range(16)))
