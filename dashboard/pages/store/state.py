"""The state of a store as of the newest poll, and its outages, as templates use them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from uptime.state.fleet import near
from uptime.state.now import STATES, Now
from uptime.state.outages import Outages

# Three usual distances of polls, as long as nobody knows what is usual.
UNKNOWN_NEAR = near(np.zeros(1, dtype=np.int64))


def state_of(now: Now, near_by: int, last_polled: int | None) -> dict[str, Any]:
    """Return ``state`` and the fields of ``Now`` of the one store, as plain values.

    ``last_polled``: its last poll in microseconds, also one that does not count. Whether there was
    one after the last that does is ``polled_since``.
    """
    fields = ("is_open", "turned", "turns", "seen_at", "seen_active", "since", "down_in_opening")
    values = {name: getattr(now, name)[0].item() for name in fields}
    return {
        "state": STATES[int(now.states(near_by)[0])],
        "polled_since": last_polled is not None and last_polled > values["seen_at"],
        **values,
    }


@dataclass(frozen=True, kw_only=True)
class Outage:
    """From ``start`` to ``end``; ``lost`` is open time. See ``Outages``."""

    start: int
    end: int
    lost: int
    began_before: bool
    lasts: bool


@dataclass(frozen=True, kw_only=True)
class OutageList:
    """The outages of the shown days, the newest first."""

    outages: tuple[Outage, ...]

    @property
    def longest(self) -> int | None:
        """The most open time lost in one; None without any."""
        return max((outage.lost for outage in self.outages), default=None)

    @property
    def whole(self) -> tuple[Outage, ...]:
        """Those that began and ended in the shown days."""
        return tuple(one for one in self.outages if not (one.began_before or one.lasts))

    @property
    def mean(self) -> int | None:
        """The mean open time until recovery, of those that are whole; None without any."""
        lost = [outage.lost for outage in self.whole]
        return sum(lost) // len(lost) if lost else None


def outage_list(outages: Outages) -> OutageList:
    """Return the outages of the one store."""
    names = ("start", "end", "lost", "began_before", "lasts")
    columns = zip(*(getattr(outages, name).tolist() for name in names), strict=True)
    found = [Outage(**dict(zip(names, row, strict=True))) for row in columns]
    return OutageList(outages=tuple(reversed(found)))
