"""Rules 18 and 19 again, the slow way: the poller's outages in plain lists, one scope at a time."""

from dataclasses import dataclass
from itertools import pairwise
from math import exp

from tests.reference import DAY, MINUTE

WEEK_OF_MINUTES = 7 * DAY // MINUTE
BY_CHANCE = 1 / 1000


@dataclass(frozen=True, kw_only=True)
class Outage:
    """One silence of one scope."""

    scope: str
    start: int
    end: int
    lasts: bool
    stores: int


@dataclass(frozen=True, kw_only=True)
class Polled:
    """One store: where it belongs, and when it was polled."""

    zone: str
    tags: frozenset[str]
    polls: list[int]


def outages(stores: list[Polled], *, begin: int, end: int) -> list[Outage]:
    """All outages of ``[begin, end]``: the fleet's, those of zones, those of tags."""
    stores = [
        Polled(
            zone=store.zone,
            tags=store.tags,
            polls=sorted(at for at in store.polls if begin <= at <= end),
        )
        for store in stores
    ]
    slot = max(MINUTE, -(-(end + 1 - begin) // 2**14))
    fleet = outages_of("fleet", stores, [], end=end, slot=slot)
    found = list(fleet)
    zones = {}
    for zone in sorted({store.zone for store in stores}):
        inside = [store for store in stores if store.zone == zone]
        zones[zone] = outages_of(f"zone:{zone}", inside, fleet, end=end, slot=slot)
        found += zones[zone]
    for tag in sorted({tag for store in stores for tag in store.tags}):
        inside = [store for store in stores if tag in store.tags]
        where = {store.zone for store in inside}
        wider = fleet + (zones[next(iter(where))] if len(where) == 1 else [])
        found += outages_of(f"tag:{tag}", inside, wider, end=end, slot=slot)
    return sorted(found, key=lambda outage: outage.start)


def outages_of(
    name: str, stores: list[Polled], wider: list[Outage], *, end: int, slot: int
) -> list[Outage]:
    polled = [store.polls for store in stores if store.polls]
    distances = sorted(
        min((later - earlier) // MINUTE, WEEK_OF_MINUTES)
        for polls in polled
        for earlier, later in pairwise(polls)
    )
    if not distances:
        return []
    least = shortest(distances, slot)
    every = sorted({at for polls in polled for at in polls})
    edges = {at for outage in wider for at in (outage.start, outage.end)}
    instants = sorted({*every, end} | {at for at in edges if every[0] <= at <= end})
    found = []
    for start, finish in pairwise(instants):
        is_known = any(one.start <= start and finish <= one.end for one in wider)
        if finish - start < least or is_known:
            continue
        over = finish <= every[-1]
        until = finish if over else min(start, every[-1]) - least
        being = [polls for polls in polled if polls[0] <= start and polls[-1] >= until]
        rate = sum((len(polls) - 1) / max(polls[-1] - polls[0], 1) for polls in being)
        by_chance = sum(map(len, polled)) * exp(-rate * (finish - start))
        enough = over or name == "fleet" or len(being) > 1
        if by_chance <= BY_CHANCE and enough:
            lasts = not over and finish == end
            found.append(
                Outage(scope=name, start=start, end=finish, lasts=lasts, stores=len(being))
            )
    return found


def shortest(distances: list[int], slot: int) -> int:
    """Rule 18: the least silence that can be an outage. ``distances``: whole minutes, sorted."""
    count = len(distances)
    lower, usual, upper = (
        distances[-(-count * quarter // 4) - 1] * MINUTE for quarter in (1, 2, 3)
    )
    return max(max(usual, MINUTE) * 3 // 2, upper + (upper - lower) * 3 // 2, slot)
