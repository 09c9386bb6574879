"""Each store at one instant, and since when it has been so."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.filling import Filling, Segments
from uptime.open_time.clock import Clock, Horizon
from uptime.windows.bounds import Bounds

CLOSED, UNKNOWN, UP, DOWN, EXCLUDED = range(5)
STATES = ("closed", "unknown", "up", "down", "excluded")


@dataclass(frozen=True, kw_only=True)
class Now:
    """Each store at ``as_of``; all arrays have one item per store, instants are microseconds.

    ``is_open``: bool; ``is_excluded``: bool, whether it is open in an exclusion. ``turned`` and
    ``turns``: when it last opened or closed, and when it will next; 0 if not within the horizon.
    ``is_seen``: bool, whether there is evidence; ``seen_at``: the last, 0 for none;
    ``seen_active``: its status. ``since``: the first open instant since which that status has
    lasted; 0 if it began before the horizon or there is none. ``down_in_opening``: downtime since
    the current opening began.
    """

    as_of: int
    is_open: NDArray[np.bool_]
    is_excluded: NDArray[np.bool_]
    turned: NDArray[np.int64]
    turns: NDArray[np.int64]
    is_seen: NDArray[np.bool_]
    seen_at: NDArray[np.int64]
    seen_active: NDArray[np.bool_]
    since: NDArray[np.int64]
    down_in_opening: NDArray[np.int64]

    def states(self, near: int) -> NDArray[np.int8]:
        """Return CLOSED, UNKNOWN, UP, DOWN or EXCLUDED for each store.

        An open store is up or down only if it was seen at most ``near`` microseconds ago.
        """
        is_near = self.is_seen & (self.as_of - self.seen_at <= near)
        return states_of(self.is_open, self.is_excluded, is_near, self.seen_active)


def states_of(
    is_open: NDArray[np.bool_],
    is_excluded: NDArray[np.bool_],
    is_near: NDArray[np.bool_],
    seen_active: NDArray[np.bool_],
) -> NDArray[np.int8]:
    """Return CLOSED, UNKNOWN, UP, DOWN or EXCLUDED for each store.

    ``is_near``: whether its last evidence is near enough; ``seen_active``: its status.
    """
    if_open = np.where(is_near, np.where(seen_active, UP, DOWN), UNKNOWN)
    return np.where(is_excluded, EXCLUDED, np.where(is_open, if_open, CLOSED)).astype(np.int8)


def look(filling: Filling, clock: Clock, segments: Segments, as_of: int) -> Now:
    """Return each store at ``as_of``.

    ``clock``: that of open time, exclusions included. ``segments``: those of ``filling``, merged.
    """
    horizon = filling.horizon
    stores = np.arange(horizon.stores)
    base, here = stores * horizon.span, horizon.keys(stores, as_of)
    is_open, turned, turns = _opening_around(clock, horizon, here)
    last = np.searchsorted(filling.evidence.keys, here, side="right") - 1
    seen = np.append(filling.evidence.keys, -1)[last]
    is_seen = seen >= base
    segment = np.searchsorted(segments.start, here, side="right") - 1
    began = np.append(segments.start, 0)[segment]
    lasts = is_seen & (began > base)
    opening = np.where(is_open, np.maximum(turned, base), here)
    return Now(
        as_of=as_of,
        is_open=is_open,
        is_excluded=is_open & ~filling.clock.running(here),
        turned=_instants(turned, base, horizon),
        turns=_instants(turns, base, horizon),
        is_seen=is_seen,
        seen_at=np.where(is_seen, seen - base + horizon.start, 0),
        seen_active=is_seen & np.append(filling.evidence.active, False)[last],
        since=np.where(lasts, first_open(filling.clock, began) - base + horizon.start, 0),
        down_in_opening=_down(filling, opening, here),
    )


def first_open(clock: Clock, keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each key, or the next at which the clock runs."""
    place = np.searchsorted(clock.ends, keys, side="right")
    found: NDArray[np.int64] = np.maximum(keys, np.append(clock.starts, 0)[place])
    return found


def last_open(clock: Clock, keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each key, or the end of the opening before it if the clock has stopped by then."""
    place = np.searchsorted(clock.starts, keys, side="right") - 1
    found: NDArray[np.int64] = np.minimum(keys, np.append(clock.ends, 0)[place])
    return found


def _opening_around(
    clock: Clock, horizon: Horizon, here: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """Return whether each store is open, the key at which it turned so, and the next turn.

    A key of -1 is beyond the horizon.
    """
    starts, ends = np.append(clock.starts, -1), np.append(clock.ends, -1)
    after = np.searchsorted(clock.starts, here, side="right")
    is_open = ends[after - 1] > here
    turned = np.where(is_open, starts[after - 1], ends[after - 1])
    turns = np.where(is_open, ends[after - 1], starts[after])
    base = np.arange(horizon.stores) * horizon.span
    inside = (base, base + horizon.end - horizon.start)
    return (
        is_open,
        np.where((turned > inside[0]) & (turned < inside[1]), turned, -1),
        np.where((turns > inside[0]) & (turns < inside[1]), turns, -1),
    )


def _instants(
    keys: NDArray[np.int64], base: NDArray[np.int64], horizon: Horizon
) -> NDArray[np.int64]:
    return np.where(keys < 0, 0, keys - base + horizon.start)


def _down(filling: Filling, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    opened = Bounds(start=start, end=end).read_by(filling.clock)
    return opened.lasting(filling.known) - opened.lasting(filling.up)
