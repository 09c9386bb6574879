"""The week's hours by local day and by hour of the weekday, each zone by its own clock.

Hours begin at whole hours of UTC. In zones that are half an hour off, an hour counts for the local
hour in which it begins.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dashboard.pages.board.sums import Total, hours_of_zones
from dashboard.snapshots.head import OF_HOURS
from dashboard.snapshots.reading import Snapshot
from uptime.instants import from_microseconds
from uptime.open_time.zones import load_zone


@dataclass(frozen=True, kw_only=True)
class Week:
    """``days``: the sums of each local date, in order; the first and the last are incomplete.

    ``pattern``: int64[4, 7, 24], the times of ``OF_HOURS`` by weekday (0 is Monday) and hour.
    """

    days: Sequence[tuple[date, Total]]
    pattern: NDArray[np.int64]


def week_of(snapshot: Snapshot) -> Week:
    """Return the week's sums; over the days, and over the pattern, they are those of a report."""
    starts = [from_microseconds(edge) for edge in snapshot.head.edges[:-1]]
    days: dict[date, NDArray[np.int64]] = defaultdict(
        lambda: np.zeros(len(OF_HOURS), dtype=np.int64)
    )
    pattern = np.zeros((len(OF_HOURS), 7, 24), dtype=np.int64)
    for zone, sums in hours_of_zones(snapshot):
        clock = load_zone(zone)
        for hour, start in enumerate(starts):
            local = start.astimezone(clock)
            days[local.date()] += sums[:, hour]
            pattern[:, local.weekday(), local.hour] += sums[:, hour]
    return Week(days=[(day, _total(day, days[day])) for day in sorted(days)], pattern=pattern)


def _total(day: date, sums: NDArray[np.int64]) -> Total:
    parts = dict(zip(OF_HOURS, sums.tolist(), strict=True))
    return Total(title=f"{day:%a %-d %b}", **parts, covered=0)
