"""Roll-ups of any made-up fleet, and what is special of sums."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.reference import DEFAULT_ZONE, HOUR, Store, summarise_store
from tests.reference_quality import assess_store, percentage
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.kinds.asked import question
from tests.unit.uptime.notation import at, polls
from tests.unit.uptime.strategies import Fleet, fleets, often
from uptime import Fleet as Core
from uptime import Question, parse_windows, summarise
from uptime.rollup.joining import joined
from uptime.rollup.printing import columns, print_roll_up
from uptime.rollup.summing import MEASURES, RollUp, roll_up

TAGS = ["north", "south", "=late"]
Tags = list[set[str]]


def tags_of_stores(most: int) -> st.SearchStrategy[Tags]:
    chosen = st.sets(st.sampled_from(TAGS))
    return st.lists(chosen, min_size=most, max_size=most)


def core(stores: list[Store], tags: Tags, ids: list[str] | None = None) -> Core:
    numbers = {
        tag: np.array([n for n, own in enumerate(tags[: len(stores)]) if tag in own], np.int64)
        for tag in TAGS
    }
    return replace(
        fleet_of(stores, ids), tags={tag: own for tag, own in numbers.items() if len(own)}
    )


def reference(fleet: Fleet, tags: Tags) -> dict[str, list[list[object]]]:
    """Of each scope, for each window: the sums, and the worst store with its percentage."""
    members: dict[str, list[int]] = {"fleet": list(range(len(fleet.stores)))}
    for n, store in enumerate(fleet.stores):
        scopes = [f"zone:{store.time_zone or DEFAULT_ZONE}", *(f"tag:{tag}" for tag in tags[n])]
        for scope in scopes:
            members.setdefault(scope, []).append(n)
    shares = [summarise_store(store, **fleet.question) for store in fleet.stores]
    qualities = [assess_store(store, **fleet.question) for store in fleet.stores]
    found = {}
    for scope, own in members.items():
        found[scope] = []
        for w in range(len(fleet.windows)):
            mine = [shares[n][w] for n in own]
            sums = [sum(getattr(one, name) for one in mine) for name in MEASURES[:-1]]
            covered = sum(qualities[n][w].covered for n in own)
            known = [n for n in own if shares[n][w].up + shares[n][w].down]
            worst = min(known, key=lambda n: badness(shares[n][w], n), default=None)
            of_worst = None if worst is None else shares[worst][w]
            found[scope].append(
                [
                    *sums,
                    covered,
                    "" if worst is None else f"store {worst}",
                    percentage(of_worst.up, of_worst.up + of_worst.down) if of_worst else "n/a",
                ]
            )
    return found


def badness(share, n):
    printed = Fraction(10_000 * share.up, share.up + share.down).__floor__()
    return (printed, -share.down, n)


def told(found: RollUp) -> dict[str, list[list[object]]]:
    text = b"".join(print_roll_up(found)).decode().splitlines()
    count = len(found.windows)
    worst = [line.split(",")[-count:] for line in text[1:]]
    return {
        scope: [
            [
                *(found.sums[name][w, place] for name in MEASURES),
                found.worst.store_ids[w, place],
                worst[place][w],
            ]
            for w in range(count)
        ]
        for place, scope in enumerate(found.scopes)
    }


@often
@given(fleets(), tags_of_stores(4))
def test_it_equals_the_reference(fleet: Fleet, tags: Tags):
    stores = core(fleet.stores, tags)
    asked = question(fleet, full=True)
    found = roll_up(stores, summarise(stores, asked))
    assert told(found) == reference(fleet, tags)
    assert list(found.scopes) == sorted(
        found.scopes, key=lambda name: (["f", "z", "t"].index(name[0]), name)
    )
    assert found.stores[0] == len(fleet.stores)


@often
@given(fleets(), tags_of_stores(4), st.integers(1, 3))
def test_parts_in_any_order_give_the_roll_up_of_the_whole(fleet: Fleet, tags: Tags, step: int):
    asked = question(fleet, full=True)
    whole = core(fleet.stores, tags)
    count = len(fleet.stores)
    parts = []
    for first in reversed(range(min(step, count))):
        own = list(range(first, count, step))
        part = core(
            [fleet.stores[n] for n in own], [tags[n] for n in own], [f"store {n}" for n in own]
        )
        parts.append(roll_up(part, summarise(part, asked)))
    found = joined(parts)
    expected = roll_up(whole, summarise(whole, asked))
    assert b"".join(print_roll_up(found)) == b"".join(print_roll_up(expected))
    assert told(found) == told(expected)
    assert found.stores.tolist() == expected.stores.tolist()


def test_sums_may_need_more_than_63_bits():
    stores = core([Store(polls=polls("2024-05-06 14:00 up"))], [set()])
    asked = Question(as_of=at("2024-05-06 15:00"), windows=parse_windows(["24h"]), full=True)
    one = roll_up(stores, summarise(stores, asked))
    many = replace(one, sums={name: row * 2**40 for name, row in one.sums.items()})
    (_, fleet, _) = b"".join(print_roll_up(joined([many, many]))).decode().splitlines()
    assert fleet.split(",")[:3] == ["fleet", "2", f"{24 * 2**41}.00"]
    assert 24 * HOUR * 2**41 > 2**63


def test_a_fleet_without_stores_is_one_row_of_nothing():
    stores = core([], [])
    asked = Question(as_of=at("2024-05-06 15:00"), windows=parse_windows(["24h"]), full=True)
    text = b"".join(print_roll_up(roll_up(stores, summarise(stores, asked)))).decode()
    header, fleet = text.splitlines()
    assert header.split(",") == list(columns(asked.windows))
    assert fleet == "fleet,0,0.00,0.00,0.00,0.00,0.00,n/a,n/a,,n/a"
