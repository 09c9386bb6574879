"""Everything a report is computed from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.bounds import AnyWindow, Bounds, find_bounds
from uptime.evidence import Polls
from uptime.hours import BusinessHours
from uptime.summary import LOOK_BACK, UptimeSummary, summarise
from uptime.windows import HOUR


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """Stores in byte order of their ids (rule 11); hours and polls number them by their place.

    ``time_zones``: int32[n], an index into ``zone_names`` for each store, -1 for none.
    """

    store_ids: Sequence[str]
    time_zones: NDArray[np.int32]
    zone_names: Sequence[str]
    hours: BusinessHours
    polls: Polls

    def summarise(  # noqa: PLR0913 - every one by name
        self,
        *,
        as_of: int,
        windows: Sequence[AnyWindow],
        look_back: int = LOOK_BACK,
        max_gap: int | None = None,
        fresh: int = HOUR,
        full: bool = False,
    ) -> UptimeSummary:
        """Return each store's uptime; see ``summary.summarise``."""
        return summarise(
            time_zones=self.time_zones,
            zone_names=self.zone_names,
            hours=self.hours,
            polls=self.polls,
            as_of=as_of,
            windows=windows,
            look_back=look_back,
            max_gap=max_gap,
            fresh=fresh,
            full=full,
        )

    def bounds(self, *, as_of: int, windows: Sequence[AnyWindow]) -> Bounds:
        """Return where each window begins and ends for each store; see ``bounds.find_bounds``."""
        return find_bounds(
            windows, as_of=as_of, time_zones=self.time_zones, zone_names=self.zone_names
        )
