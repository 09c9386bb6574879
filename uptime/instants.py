"""Conversion between Python's datetimes and the core's microseconds of UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_microseconds(instant: datetime) -> int:
    """Return whole microseconds of UTC since 1970. Raises ``TypeError`` for a naive datetime."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def length_in_microseconds(length: timedelta) -> int:
    """Return whole microseconds."""
    return length // timedelta(microseconds=1)


def from_microseconds(microseconds: int) -> datetime:
    """Return the aware datetime, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)
