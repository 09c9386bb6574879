"""Single stores out of a fleet."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.selection import Polls
from uptime.fleet import Fleet
from uptime.open_time.hours import BusinessHours

Rows = slice | NDArray[np.intp]


def one_store(fleet: Fleet, store: int) -> Fleet:
    """Return the store of that index alone, with its hours and polls."""
    hours = np.flatnonzero(fleet.hours.store == store)
    return _alone(fleet, store, hours, np.flatnonzero(fleet.polls.store == store))


def polls_of(polls: Polls, store: int) -> Polls:
    """Return the polls of the store of that index, which becomes the only one."""
    return _polls_alone(polls, np.flatnonzero(polls.store == store))


def each_store(fleet: Fleet) -> Iterator[Fleet]:
    """Yield every store alone, in order; the rows are sorted once."""
    by_hours, of_hours = _by_store(fleet.hours.store, len(fleet.store_ids))
    by_polls, of_polls = _by_store(fleet.polls.store, len(fleet.store_ids))
    for store in range(len(fleet.store_ids)):
        yield _alone(fleet, store, by_hours[of_hours[store]], by_polls[of_polls[store]])


def _by_store(of_row: NDArray[np.int32], stores: int) -> tuple[NDArray[np.intp], Sequence[slice]]:
    """Return the order of rows by store, and where each store's are in it."""
    order = np.argsort(of_row, kind="stable")
    edges = np.searchsorted(of_row[order], np.arange(stores + 1)).tolist()
    return order, [slice(*pair) for pair in pairwise(edges)]


def _alone(fleet: Fleet, store: int, hours: Rows, polls: Rows) -> Fleet:
    weekday = fleet.hours.weekday[hours]
    return Fleet(
        store_ids=[fleet.store_ids[store]],
        time_zones=fleet.time_zones[store : store + 1],
        zone_names=fleet.zone_names,
        hours=BusinessHours(
            store=np.zeros(len(weekday), dtype=np.int32),
            weekday=weekday,
            opens=fleet.hours.opens[hours],
            closes=fleet.hours.closes[hours],
        ),
        polls=_polls_alone(fleet.polls, polls),
        special_days=fleet.special_days.of_stores(store, store + 1),
        exclusions=fleet.exclusions.of_stores(store, store + 1),
        silences=fleet.silences.of_stores(store, store + 1),
    )


def _polls_alone(polls: Polls, rows: Rows) -> Polls:
    at = polls.at[rows]
    return Polls(store=np.zeros(len(at), dtype=np.int32), at=at, active=polls.active[rows])
