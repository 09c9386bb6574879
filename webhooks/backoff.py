"""Pauses between the attempts of a delivery."""

from datetime import timedelta

from ingestion.pauses import pause

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


def delay(attempts: int, *, retry_after: timedelta | None = None) -> timedelta:
    """Return the pause after that many attempts, at least as long as the receiver asked for."""
    planned = pause(DELAYS, min(attempts, len(DELAYS))) or timedelta(0)
    return max(planned, min(retry_after or timedelta(0), MAX_RETRY_AFTER))
