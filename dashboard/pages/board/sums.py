"""Numbers of the whole fleet, added up from the stores of a snapshot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.snapshots.columns import WINDOWS
from dashboard.snapshots.head import OF_HOURS
from dashboard.snapshots.reading import Snapshot
from uptime.open_time.zones import DEFAULT_TIME_ZONE
from uptime.state.now import DOWN, STATES

LISTED = 20
EXTREMES = 5
GROUPS = 20

_OFFLINE = (
    *("store_id", "name", "time_zone", "since", "turned", "turns", "down_in_opening"),
    *("last_polled_at", "tags"),
)
_WEEK = ("store_id", "name", "up week", "down week", "open week")


@dataclass(frozen=True, kw_only=True)
class Total:
    """Microseconds of stores added up; ``covered`` was near enough to a poll to be seen."""

    title: str
    up: int
    down: int
    unknown: int
    excluded: int
    covered: int

    @property
    def known(self) -> int:
        return self.up + self.down

    @property
    def counted(self) -> int:
        """Open time that is not excluded."""
        return self.up + self.down + self.unknown

    @property
    def open(self) -> int:
        return self.counted + self.excluded


@dataclass(frozen=True, kw_only=True)
class Group:
    """The stores of a tag or a time zone: how many, how many offline now, their week."""

    name: str
    stores: int
    offline: int
    week: Total


def counts(snapshot: Snapshot) -> dict[str, int]:
    """Return how many stores are in each state."""
    found = np.bincount(snapshot.column("state"), minlength=len(STATES)).tolist()
    return dict(zip(STATES, found, strict=True))


def offline(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return the stores offline at as of, the longest first; only the first ``LISTED``.

    ``lost`` is the downtime in this opening; of a store that never closes, since it went offline,
    and None if that is more than a week ago.
    """
    places = np.flatnonzero(snapshot.column("state") == DOWN)
    order = np.argsort(snapshot.column("since")[places], kind="stable")
    found = snapshot.rows(places[order][:LISTED], _OFFLINE)
    for store in found:
        since = snapshot.head.as_of - store["since"] if store["since"] else None
        store["lost"] = store["down_in_opening"] if store["turned"] else since
    return found


def totals(snapshot: Snapshot) -> list[Total]:
    """Return the totals of the last hour, day and week."""
    every = np.arange(len(snapshot))
    return [_total(snapshot, window, every, window) for window in WINDOWS]


def extremes(snapshot: Snapshot) -> tuple[list[Any], list[Any]]:
    """Return the worst and the best stores of the week by the share of known time that was up.

    Stores of which nothing is known are neither. Of equal shares the longer open time is more.
    """
    up, down = snapshot.column("up week"), snapshot.column("down week")
    known = up + down
    places = np.flatnonzero(known > 0)
    share = down[places] / known[places]
    best = places[np.lexsort((-known[places], share))][:EXTREMES]
    bad = places[np.lexsort((-known[places], -share))][:EXTREMES]
    worst = bad[down[bad] > 0]
    return snapshot.rows(worst, _WEEK), snapshot.rows(best, _WEEK)


def by_zone(snapshot: Snapshot) -> list[Group]:
    """Return the time zones with the most stores; those without one have the default's name."""
    encoded = snapshot.texts("time_zone").combine_chunks().dictionary_encode()
    place, names = encoded.indices.to_numpy(), encoded.dictionary.to_pylist()
    many = np.argsort(-np.bincount(place, minlength=len(names)), kind="stable")[:GROUPS]
    return [
        _group(snapshot, names[number] or "none", np.flatnonzero(place == number))
        for number in many.tolist()
    ]


def by_tag(snapshot: Snapshot) -> list[Group]:
    """Return the tags with the most stores."""
    most = sorted(snapshot.tags.items(), key=lambda item: -len(item[1]))[:GROUPS]
    return [_group(snapshot, name, rows) for name, rows in most]


def hours_of_zones(snapshot: Snapshot) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield each zone with the times of ``OF_HOURS`` in each hour: int64[4, h]."""
    for name, sums in snapshot.head.zones.items():
        yield name or DEFAULT_TIME_ZONE, np.array([sums[part] for part in OF_HOURS])


def _group(snapshot: Snapshot, name: str, rows: NDArray[np.int64]) -> Group:
    return Group(
        name=name,
        stores=len(rows),
        offline=int(np.count_nonzero(snapshot.column("state")[rows] == DOWN)),
        week=_total(snapshot, "week", rows, name),
    )


def _total(snapshot: Snapshot, window: str, rows: NDArray[np.int64], title: str) -> Total:
    measures: Sequence[str] = (*OF_HOURS, "covered")
    sums = {name: int(snapshot.column(f"{name} {window}")[rows].sum()) for name in measures}
    return Total(title=title, **sums)
