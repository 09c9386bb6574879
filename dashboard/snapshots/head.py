"""What a snapshot says of the fleet as a whole: JSON beside its table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np

from reports.poller.models import FoundOutage
from uptime.instants import to_microseconds
from uptime.state.hours import Hours

OF_HOURS = ("up", "down", "unknown", "excluded")


@dataclass(frozen=True, kw_only=True)
class Head:
    """``as_of``, ``usual_distance``, ``near``: microseconds. ``edges``: those of the week's hours.

    ``zones``: for each time zone, in which the fleet has stores, the microseconds of ``OF_HOURS``
    in each hour. ``poller_outages``: when nobody polled, oldest first, as ``told_outage`` has it.
    ``targets``: those that are ``set``, their ``windows``, and if they are not judged, why
    (``untold``).
    """

    as_of: int
    edges: Sequence[int]
    usual_distance: int
    near: int
    zones: Mapping[str, Mapping[str, Sequence[int]]]
    poller_outages: Sequence[Mapping[str, Any]] = ()
    targets: Mapping[str, Any] = field(default_factory=dict)

    def encoded(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decoded(cls, text: bytes) -> Self:
        return cls(**json.loads(text))


def told_outage(row: FoundOutage) -> dict[str, Any]:
    """Return an outage with its instants as microseconds; ``ended_at`` is None while it lasts."""
    return {
        "scope": row.scope,
        "stores": row.stores,
        "started_at": to_microseconds(row.started_at),
        "ended_at": to_microseconds(row.ended_at) if row.ended_at else None,
        "counts_from": to_microseconds(row.counts_from),
    }


class ZoneHours:
    """The sums over all stores of each zone, hour by hour."""

    def __init__(self) -> None:
        self._sums: dict[str, Any] = {}

    def add(self, zones: Sequence[str], hours: Hours) -> None:
        """Add stores. ``zones``: the zone of each."""
        names, place = np.unique(np.array(zones, dtype=object), return_inverse=True)
        for number, name in enumerate(names.tolist()):
            those = place == number
            sums = np.stack(
                [getattr(hours, name)[those].sum(axis=0, dtype=np.int64) for name in OF_HOURS]
            )
            before = self._sums.get(name)
            self._sums[name] = sums if before is None else before + sums

    def told(self) -> dict[str, Any]:
        """Return the sums in the form of ``Head.zones``."""
        return {
            name: dict(zip(OF_HOURS, sums.tolist(), strict=True))
            for name, sums in sorted(self._sums.items())
        }
