"""Time at which nobody polled a store (rule 19)."""

from uptime.open_time.intervals import StoreIntervals


class Silences(StoreIntervals):
    """Poller outages as intervals of the stores in their scope."""
