"""Time that counts for neither side of a share (rule 21)."""

from uptime.open_time.intervals import StoreIntervals


class Exclusions(StoreIntervals):
    """Planned maintenance, known trouble of a platform: see rule 21."""
