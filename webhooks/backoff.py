"""Pauses between the attempts of a delivery."""

from datetime import timedelta

# After each attempt but the last: eight attempts within 21 hours.
DELAYS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)
MAX_ATTEMPTS = len(DELAYS) + 1
# A receiver may ask for more time, up to this.
MAX_RETRY_AFTER = timedelta(days=1)


def at_least(planned: timedelta, asked: timedelta | None) -> timedelta:
    """Return the planned pause, or the longer one that the receiver asked for."""
    return max(planned, min(asked or timedelta(0), MAX_RETRY_AFTER))
