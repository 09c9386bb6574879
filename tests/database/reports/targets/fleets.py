"""Stores that meet a target, miss one, or leave it open, and targets for them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from targets.services import create_target
from tests.database.files import ingest_hours, ingest_polls, ingest_stores, ingest_time_zones

# A Monday; all stores are open from 09:00 to 17:00 in UTC.
NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)
HOURLY = [NOON - timedelta(hours=hours) for hours in range(4)]


def ingest_fleet() -> None:
    """``up`` and ``down`` all morning; ``turned`` went down between 10:00 and 11:00.

    ``never`` was not polled, ``=odd`` is up and in the tag north as ``turned`` is.
    """
    rows = {
        "up": [1, 1, 1, 1],
        "=odd": [1, 1, 1, 1],
        "down": [0, 0, 0, 0],
        "turned": [0, 0, 1, 1],
    }
    ingest_polls(
        *(
            f"{name},{'active' if up else 'inactive'},{at:%Y-%m-%d %H:%M:%S} UTC"
            for name, states in rows.items()
            for up, at in zip(states, HOURLY, strict=True)
        )
    )
    names = [*rows, "never"]
    ingest_hours(*(f"{name},{day},09:00,17:00" for name in names for day in range(7)))
    ingest_time_zones(*(f"{name},UTC" for name in names))
    ingest_stores("=odd,,north", "turned,,north")


def set_target(name: str, scope: str, percentage: str, *windows: str):
    return create_target(
        created_by="a test",
        name=name,
        scope=scope,
        percentage=Decimal(percentage),
        windows=list(windows),
    )
