"""Windows of time, and the units of all numbers (rule 2).

A window is either a ``WindowSpec``, a few letters that any report may use ("24h", "yesterday"; see
``texts``), or a ``Window`` between two instants.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

DEFAULT_WINDOWS = ("1h", "24h", "7d")

_CLASSIC_NAMES = {HOUR: "last_hour", DAY: "last_day", 7 * DAY: "last_week"}


@dataclass(frozen=True, kw_only=True)
class Window:
    """The elapsed time ``[start, end)``, in microseconds of UTC since 1970."""

    name: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(f"window {self.name} ends before it starts")

    @property
    def unit(self) -> int:
        """The unit its times are printed in."""
        return unit_of(self.end - self.start)

    def earliest_start(self, as_of: int) -> int:  # noqa: ARG002 - as every kind of window
        return self.start

    def spans(self, as_of: int, zone_names: Sequence[str]) -> NDArray[np.int64]:  # noqa: ARG002
        """Return start and end for each zone, int64[zones, 2]."""
        return np.tile(np.array([self.start, self.end], dtype=np.int64), (len(zone_names), 1))


@dataclass(frozen=True, kw_only=True)
class ElapsedWindow:
    """The last ``length`` microseconds before as of."""

    length: int

    @property
    def text(self) -> str:
        """The canonical text: 60m is 1h, 4w is 28d, and a day is 24h."""
        if self.length % HOUR:
            return f"{self.length // MINUTE}m"
        if self.length % DAY or self.length == DAY:
            return f"{self.length // HOUR}h"
        return f"{self.length // DAY}d"

    @property
    def name(self) -> str:
        """The name in column headers."""
        return _CLASSIC_NAMES.get(self.length, f"last_{self.text}")

    @property
    def unit(self) -> int:
        """The unit its times are printed in."""
        return unit_of(self.length)

    @property
    def is_calendar(self) -> bool:
        """Whether it depends on a store's time zone."""
        return False

    def earliest_start(self, as_of: int) -> int:
        return as_of - self.length

    def spans(self, as_of: int, zone_names: Sequence[str]) -> NDArray[np.int64]:
        """Return start and end for each zone, int64[zones, 2]."""
        return np.tile(np.array([as_of - self.length, as_of]), (len(zone_names), 1))


def unit_of(length: int) -> int:
    """Return the unit in which times of so long a window are printed (rule 12)."""
    return MINUTE if length <= HOUR else HOUR
