"""The input of a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.selection import Polls
from uptime.open_time.clock import Clock, Horizon
from uptime.open_time.exclusions import Exclusions
from uptime.open_time.hours import BusinessHours
from uptime.open_time.opening import AllOpenings, all_openings
from uptime.open_time.special_days import SpecialDays
from uptime.poller.silences import Silences
from uptime.question import Question
from uptime.windows.bounds import Bounds, find_bounds


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """Stores in byte order of their ids (rule 11); hours and polls refer to them by index.

    ``time_zones``: int32[n], each store's index into ``zone_names``, -1 for none.
    ``special_days``: dates with other hours (rule 20). ``exclusions``: time that does not count
    (rule 21). ``silences``: time that is unknown because nobody polled (rule 19). ``tags``: the
    indexes of the stores of each, int64, which matter only for the poller's outages (rule 18).
    """

    store_ids: Sequence[str]
    time_zones: NDArray[np.int32]
    zone_names: Sequence[str]
    hours: BusinessHours
    polls: Polls
    special_days: SpecialDays = field(default_factory=SpecialDays.none)
    exclusions: Exclusions = field(default_factory=Exclusions.none)
    silences: Silences = field(default_factory=Silences.none)
    tags: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    def horizon(self, question: Question) -> Horizon:
        """Return the interval of the polls that count, with all stores."""
        # A poll at as_of counts.
        return Horizon(
            start=question.first_poll, end=question.as_of + 1, stores=len(self.time_zones)
        )

    def openings(self, horizon: Horizon) -> AllOpenings:
        """Return every opening that can touch ``horizon`` (rules 3 to 5 and 20)."""
        return all_openings(
            time_zones=self.time_zones,
            zone_names=self.zone_names,
            hours=self.hours,
            special_days=self.special_days,
            horizon=horizon,
        )

    def open_time(self, question: Question) -> Clock:
        """Return the clock of open time, exclusions included, on the axis of ``horizon``."""
        horizon = self.horizon(question)
        return self.openings(horizon).clock(horizon)

    def excluded_time(self, clock: Clock, horizon: Horizon) -> Clock:
        """Return the clock of excluded time (rule 21). ``clock``: that of open time."""
        return clock.within(self.exclusions.clock(horizon))

    def bounds(self, question: Question) -> Bounds:
        """Return where each window begins and ends for each store; see ``bounds.find_bounds``."""
        return find_bounds(
            question.windows,
            as_of=question.as_of,
            time_zones=self.time_zones,
            zone_names=self.zone_names,
        )
