"""Wall time to UTC for one zone, vectorised (rule 5).

A zone is a staircase: from each of ``starts`` on, local time is UTC plus the offset at the same
index. On a staircase rule 5 needs no special cases. An opening is the *earliest* instant whose wall
clock shows the opening time or later, a closing the *latest* one whose wall clock shows the closing
time or less. If a wall time happens twice, the first takes the earlier and the second the later
instant; if it never happens, both give the first instant after the jump.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from uptime.windows.elapsed import HOUR, SECOND

DEFAULT_TIME_ZONE = "America/Chicago"

# No zone was ever further than this from UTC.
FARTHEST_OFFSET = 16 * HOUR
# Beyond any instant of a report, yet small enough to add offsets without overflow.
BEYOND = 1 << 62
# Offsets are probed this often; no zone has ever changed twice within three hours.
_PROBE = 3 * HOUR // SECOND


class OffsetSteps(NamedTuple):
    """``starts`` and ``offsets``: int64[k], microseconds; ``starts[0]`` is ``-BEYOND``."""

    starts: NDArray[np.int64]
    offsets: NDArray[np.int64]


@lru_cache(maxsize=1024)
def load_zone(name: str) -> ZoneInfo:
    """Return the zone from the pinned tzdata package, so that all machines agree.

    Raises ``ValueError`` for a name that tzdata does not have.
    """
    try:
        with files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    except (OSError, ValueError) as error:
        raise ValueError(f"{name!r} is not a time zone of the pinned tzdata") from error


def zones_of_stores(
    time_zones: NDArray[np.int32], zone_names: Sequence[str]
) -> tuple[NDArray[np.int64], list[str]]:
    """Return each store's zone as an index into the returned names; the last is rule 4's default.

    ``time_zones``: int32[n], an index into ``zone_names`` for each store, -1 for none.
    """
    zones = np.where(time_zones < 0, len(zone_names), time_zones).astype(np.int64)
    return zones, [*zone_names, DEFAULT_TIME_ZONE]


def _offset(zone: ZoneInfo, second: int) -> int:
    """Return the zone's offset at a UTC second, in whole seconds."""
    offset = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    if offset is None:
        raise ValueError(f"{zone} has no offset at {second}")
    return round(offset.total_seconds())


def _step(zone: ZoneInfo, low: int, high: int) -> int:
    """Return the first second in ``(low, high]`` with the offset of ``high``, by bisection."""
    after = _offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == after:
            high = middle
        else:
            low = middle
    return high


@lru_cache(maxsize=256)
def offset_steps(zone: ZoneInfo, start: int, end: int) -> OffsetSteps:
    """Return the staircase of ``zone`` over ``[start, end]`` (microseconds of UTC).

    Before ``start`` the first offset applies, after ``end`` the last. The arrays are shared: do not
    change them.
    """
    probes = range(start // SECOND, end // SECOND + _PROBE, _PROBE)
    offsets = [_offset(zone, probe) for probe in probes]
    starts, heights = [-BEYOND], [offsets[0]]
    for index in range(1, len(probes)):
        if offsets[index] != offsets[index - 1]:
            starts.append(_step(zone, probes[index - 1], probes[index]) * SECOND)
            heights.append(offsets[index])
    return OffsetSteps(np.array(starts, dtype=np.int64), np.array(heights, dtype=np.int64) * SECOND)


def opening_instants(wall: NDArray[np.int64], steps: OffsetSteps) -> NDArray[np.int64]:
    """Return, for each wall time, the earliest UTC instant that shows it or later."""
    starts, ends = steps.starts[:, None], _ends(steps)[:, None]
    instants = np.maximum(starts, wall - steps.offsets[:, None])
    first: NDArray[np.int64] = np.where(instants < ends, instants, BEYOND).min(axis=0)
    return first


def closing_instants(wall: NDArray[np.int64], steps: OffsetSteps) -> NDArray[np.int64]:
    """Return, for each wall time, the latest UTC instant that shows it or less."""
    starts, ends = steps.starts[:, None], _ends(steps)[:, None]
    instants = np.minimum(ends, wall - steps.offsets[:, None])
    last: NDArray[np.int64] = np.where(instants >= starts, instants, -BEYOND).max(axis=0)
    return last


def _ends(steps: OffsetSteps) -> NDArray[np.int64]:
    """Return where each step ends: at the next one's start, the last one never."""
    return np.append(steps.starts[1:], BEYOND)
