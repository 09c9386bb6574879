"""The open time of windows that have not ended (rule 30)."""

import numpy as np
from numpy.typing import NDArray

from uptime.fleet import Fleet
from uptime.question import Question
from uptime.windows.bounds import Bounds, find_whole
from uptime.windows.elapsed import DAY, Window

# The longest window of the calendar, a month, ends no later after any instant in it, in any zone.
FARTHEST = 33 * DAY


def open_to_come(fleet: Fleet, question: Question) -> NDArray[np.int64]:
    """Return the open time of each window after as of: int64[windows, n] microseconds.

    Excluded time is left out, as far as the fleet knows of it. Raises ``ValueError`` like
    ``summarise``.
    """
    whole = find_whole(
        question.windows,
        as_of=question.as_of,
        time_zones=fleet.time_zones,
        zone_names=fleet.zone_names,
    )
    end = int(whole.end.max(initial=question.as_of))
    if end == question.as_of:
        return np.zeros(whole.end.shape, dtype=np.int64)
    rest = Window(name="to come", start=question.as_of, end=end)
    later = Question(as_of=end, windows=(rest,), look_back=0)
    horizon, clock = fleet.horizon(later), fleet.open_time(later)
    ahead = Bounds(
        start=np.maximum(whole.start, question.as_of), end=np.maximum(whole.end, question.as_of)
    )
    counted = clock.without(fleet.excluded_time(clock, horizon))
    return ahead.as_keys(horizon).lasting(counted)
