"""Polls of made-up fleets, and what the core and the reference find in them."""

from collections.abc import Sequence

import numpy as np

from tests.reference_poller import Polled
from uptime import Polls
from uptime.open_time.clock import Horizon
from uptime.poller.outages import PollerOutage, find_poller_outages
from uptime.poller.scopes import Scope, scopes_of
from uptime.poller.sightings import joined, see


def polls_of(stores: Sequence[Sequence[int]]) -> Polls:
    counts = [len(instants) for instants in stores]
    at = np.array([at for instants in stores for at in instants], dtype=np.int64)
    return Polls(
        store=np.repeat(np.arange(len(stores), dtype=np.int32), counts),
        at=at,
        active=np.ones(len(at), dtype=bool),
    )


def scopes(stores: Sequence[Polled]) -> list[Scope]:
    names = sorted({store.zone for store in stores})
    tags = sorted({tag for store in stores for tag in store.tags})
    return scopes_of(
        np.array([names.index(store.zone) for store in stores], dtype=np.int32),
        names,
        {tag: np.array([n for n, store in enumerate(stores) if tag in store.tags]) for tag in tags},
    )


def find(stores: Sequence[Polled], *, begin: int, end: int, parts: int = 1) -> list[PollerOutage]:
    """The outages that the core finds, from the sightings of ``parts`` parts of the fleet."""
    seen = []
    for part in range(parts):
        some = stores[part::parts]
        horizon = Horizon(start=begin, end=end + 1, stores=len(some))
        seen.append(see(polls_of([store.polls for store in some]), scopes(some), horizon))
    return find_poller_outages(joined(seen), end)
