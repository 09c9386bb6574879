"""When stores are open: weekly hours, special days and stores without hours (rules 3, 4 and 20)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.open_time.clock import Clock, Horizon
from uptime.open_time.hours import BusinessHours, weekly_openings
from uptime.open_time.openings import Openings
from uptime.open_time.special_days import SpecialDays, dates_of, special_openings


@dataclass(frozen=True, kw_only=True)
class AllOpenings:
    """Openings by what makes them.

    The rows of ``weekly`` and ``special`` are those of business hours and special days. ``always``:
    those of stores without hours, cut to the horizon and without their special days; row -1.
    """

    weekly: Openings
    special: Openings
    always: Openings

    def clock(self, horizon: Horizon) -> Clock:
        """Return the clock that counts each store's open time over ``horizon``."""
        parts = (self.weekly, self.always, self.special)
        return Clock.merged(
            horizon,
            store=np.concatenate([part.store.ravel() for part in parts]),
            start=np.concatenate([part.start.ravel() for part in parts]),
            end=np.concatenate([part.end.ravel() for part in parts]),
        )


def all_openings(
    *,
    time_zones: NDArray[np.int32],
    zone_names: Sequence[str],
    hours: BusinessHours,
    special_days: SpecialDays,
    horizon: Horizon,
) -> AllOpenings:
    """Return every opening that can touch ``horizon``.

    ``time_zones``: int32[n], each store's index into ``zone_names``, -1 for none. Raises
    ``ValueError`` for an unknown zone.
    """
    has_hours = np.zeros(len(time_zones), dtype=bool)
    has_hours[hours.store] = True
    always = np.flatnonzero(~has_hours)
    closed = dates_of(
        special_days, ~has_hours, time_zones=time_zones, zone_names=zone_names, horizon=horizon
    )
    return AllOpenings(
        weekly=weekly_openings(
            hours, special_days, time_zones=time_zones, zone_names=zone_names, horizon=horizon
        ),
        special=special_openings(
            special_days, time_zones=time_zones, zone_names=zone_names, horizon=horizon
        ),
        always=_always_open(always, closed, horizon),
    )


def _always_open(stores: NDArray[np.int64], closed: Openings, horizon: Horizon) -> Openings:
    """Return the time before, between and after the intervals ``closed`` of each store.

    Those of one store are disjoint and in order, and so are the stores.
    """
    begin = np.full(len(stores), horizon.start, dtype=np.int64)
    finish = np.full(len(stores), horizon.end, dtype=np.int64)
    # Each store begins where the horizon does and wherever a closed interval ends.
    after = np.argsort(np.concatenate([stores, closed.store]), kind="stable")
    before = np.argsort(np.concatenate([closed.store, stores]), kind="stable")
    store = np.concatenate([stores, closed.store])[after]
    return Openings(
        row=np.full(len(store), -1, dtype=np.int64),
        store=store,
        start=np.concatenate([begin, closed.end])[after],
        end=np.concatenate([closed.start, finish])[before],
    )
