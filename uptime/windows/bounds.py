"""The start and end of each window for each store."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from uptime.open_time.clock import Clock, Horizon
from uptime.open_time.zones import zones_of_stores
from uptime.windows.elapsed import DAY, Window
from uptime.windows.texts import WindowSpec

AnyWindow = WindowSpec | Window

LONGEST_AGO_DAYS = 400


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """``start`` and ``end``: int64[windows, n], on any axis."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def lasting(self, clock: Clock | None = None) -> NDArray[np.int64]:
        """Return the length of each, or how long ``clock`` runs in it: int64[windows, n]."""
        if clock is None:
            return self.end - self.start
        return clock.read(self.end) - clock.read(self.start)

    def as_keys(self, horizon: Horizon) -> Self:
        """Return bounds in microseconds of UTC as keys of all stores of the horizon."""
        stores = np.arange(horizon.stores)
        return type(self)(
            start=horizon.keys(stores, self.start), end=horizon.keys(stores, self.end)
        )

    def read_by(self, clock: Clock) -> Self:
        """Return the bounds as readings of ``clock``."""
        return type(self)(start=clock.read(self.start), end=clock.read(self.end))


def find_bounds(
    windows: Sequence[AnyWindow],
    *,
    as_of: int,
    time_zones: NDArray[np.int32],
    zone_names: Sequence[str],
) -> Bounds:
    """Return each window's bounds for each store in microseconds of UTC, cut at ``as_of``.

    A window that has not begun in a store's zone is empty. No loop runs over stores.
    """
    whole = find_whole(windows, as_of=as_of, time_zones=time_zones, zone_names=zone_names)
    return Bounds(start=np.minimum(whole.start, as_of), end=np.minimum(whole.end, as_of))


def find_whole(
    windows: Sequence[AnyWindow],
    *,
    as_of: int,
    time_zones: NDArray[np.int32],
    zone_names: Sequence[str],
) -> Bounds:
    """Return what ``find_bounds`` does, with the time after ``as_of``."""
    of_store, names = zones_of_stores(time_zones, zone_names)
    used, of_store = np.unique(of_store, return_inverse=True)
    used_names = [names[number] for number in used]
    spans = np.stack([window.spans(as_of, used_names) for window in windows])
    each = spans[:, of_store]
    return Bounds(start=each[:, :, 0], end=each[:, :, 1])


def earliest_start(windows: Sequence[AnyWindow], as_of: int) -> int:
    """Return an instant before which no window begins in any zone, whatever the stores.

    Raises ``ValueError``, with a sentence for people, for a window that begins after ``as_of`` in
    every zone, or so long before it that a report would read years of polls.
    """
    if not windows:
        raise ValueError("There must be at least one window.")
    for window in windows:
        start = window.earliest_start(as_of)
        if start > as_of:
            raise ValueError(f"Window {_said(window)} begins after the instant of the report.")
        if not isinstance(window, Window) and start < as_of - LONGEST_AGO_DAYS * DAY:
            raise ValueError(
                f"Window {_said(window)} begins more than {LONGEST_AGO_DAYS} days before the"
                " instant of the report; ask for an earlier as of."
            )
    return min(window.earliest_start(as_of) for window in windows)


def _said(window: AnyWindow) -> str:
    return window.name if isinstance(window, Window) else window.text
