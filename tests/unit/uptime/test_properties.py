"""What holds for every fleet."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reference import Poll, Share, Store, summarise_store
from tests.unit.uptime.notation import by_the_core
from tests.unit.uptime.strategies import Fleet, fleets, often, thoroughly


def computed(fleet: Fleet, **changed: object) -> list[list[Share]]:
    return by_the_core(fleet.stores, **fleet.question | changed)


@thoroughly
@given(fleets())
def test_it_equals_the_reference(fleet: Fleet):
    expected = [summarise_store(store, **fleet.question) for store in fleet.stores]
    assert computed(fleet) == expected


@often
@given(fleets())
def test_it_never_goes_below_nothing_or_beyond_the_window(fleet: Fleet):
    for shares in computed(fleet):
        for share, (start, end) in zip(shares, fleet.windows, strict=True):
            assert min(share.up, share.down, share.unknown, share.excluded) >= 0
            assert share.open <= end - start


@often
@given(fleets(), st.booleans())
def test_it_has_all_or_nothing_without_a_limit(fleet: Fleet, active: bool):
    """Where all polls agree, open time has their status, or is unknown for want of evidence."""
    agreed = [
        replace(store, polls=[Poll(at=poll.at, active=active) for poll in store.polls])
        for store in fleet.stores
    ]
    for shares in computed(replace(fleet, stores=agreed), max_gap=None):
        for share in shares:
            known = share.up if active else share.down
            assert (known, share.unknown) in [(share.counted, 0), (0, share.counted)]


@often
@given(fleets(), st.randoms(use_true_random=False))
def test_it_does_not_depend_on_the_order_of_rows(fleet: Fleet, random):
    shuffled = [
        replace(
            store,
            **{
                rows: random.sample(getattr(store, rows), len(getattr(store, rows)))
                for rows in ("hours", "polls", "special_days", "exclusions")
            },
        )
        for store in fleet.stores
    ]
    assert computed(replace(fleet, stores=shuffled)) == computed(fleet)


@often
@given(fleets(), st.randoms(use_true_random=False))
def test_it_does_not_depend_on_the_order_of_stores(fleet: Fleet, random):
    order = random.sample(range(len(fleet.stores)), len(fleet.stores))
    shares = computed(replace(fleet, stores=[fleet.stores[n] for n in order]))
    whole = computed(fleet)
    assert shares == [whole[n] for n in order]


@often
@given(fleets())
def test_it_gives_a_store_alone_the_numbers_it_has_in_a_fleet(fleet: Fleet):
    alone = [computed(replace(fleet, stores=[store]))[0] for store in fleet.stores]
    assert alone == computed(fleet)


@often
@given(fleets(), st.data())
def test_it_sums_over_the_parts_of_a_window(fleet: Fleet, data: st.DataObject):
    start, end = fleet.windows[0]
    cuts = data.draw(st.lists(st.integers(start, end), max_size=5, unique=True))
    edges = sorted({start, end, *cuts})
    parts = list(pairwise(edges))
    for whole, *shares in computed(fleet, windows=[(start, end), *parts]):
        assert sum(share.up for share in shares) == whole.up
        assert sum(share.down for share in shares) == whole.down
        assert sum(share.unknown for share in shares) == whole.unknown
        assert sum(share.excluded for share in shares) == whole.excluded


@often
@given(fleets(), st.integers(2, 30))
def test_it_does_not_change_with_denser_polling(fleet: Fleet, times: int):
    sparse = [
        replace(s, hours=[], special_days=[], exclusions=[], polls=in_reach(fleet, s.polls))
        for s in fleet.stores
    ]
    dense = [replace(s, polls=densified(s.polls, times)) for s in sparse]
    by_sparse = computed(replace(fleet, stores=sparse, max_gap=None))
    assert computed(replace(fleet, stores=dense, max_gap=None)) == by_sparse


def in_reach(fleet: Fleet, polls: list[Poll]) -> list[Poll]:
    return [poll for poll in polls if fleet.first_evidence <= poll.at <= fleet.as_of]


def densified(polls: list[Poll], times: int) -> list[Poll]:
    """More polls of the same status wherever two in a row agree."""
    ordered = sorted(polls, key=lambda poll: poll.at)
    between = {
        a.at + (b.at - a.at) * n // times: a.active
        for a, b in pairwise(ordered)
        if a.active == b.active
        for n in range(1, times)
    }
    known = {poll.at: poll.active for poll in polls}
    return [Poll(at=at, active=active) for at, active in (between | known).items()]


@often
@given(fleets())
def test_it_does_not_know_polls_after_the_report(fleet: Fleet):
    known = [
        replace(store, polls=[poll for poll in store.polls if poll.at <= fleet.as_of])
        for store in fleet.stores
    ]
    assert computed(replace(fleet, stores=known)) == computed(fleet)


@often
@given(fleets())
def test_it_does_not_use_polls_that_alone_would_say_nothing(fleet: Fleet):
    useful = [
        replace(store, polls=[poll for poll in store.polls if says_something(fleet, store, poll)])
        for store in fleet.stores
    ]
    assert computed(replace(fleet, stores=useful)) == computed(fleet)


def says_something(fleet: Fleet, store: Store, poll: Poll) -> bool:
    """Whether a store with only this poll has any known time in the horizon."""
    question = fleet.question | {"max_gap": None}
    windows = [(fleet.first_evidence, fleet.as_of), *fleet.windows]
    alone = replace(fleet, stores=[replace(store, polls=[poll])])
    shares = computed(alone, **question | {"windows": windows, "look_back": 0})[0]
    return any(share.up + share.down for share in shares)


@often
@given(fleets())
def test_it_knows_no_less_with_a_wider_limit(fleet: Fleet):
    limits = [0, 10**6, 3_600 * 10**6, None]
    by_limit = [computed(fleet, max_gap=limit) for limit in limits]
    for tighter, wider in pairwise(by_limit):
        for before, after in zip(tighter, wider, strict=True):
            for less, more in zip(before, after, strict=True):
                assert less.up <= more.up
                assert less.down <= more.down
                assert less.open == more.open


@contextmanager
def process_time_zone(name: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        try:
            yield
        finally:
            patch.undo()
            assert os.environ.get("TZ") == before
            time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the platform cannot change it")
@often
@given(fleets(), st.sampled_from(["Pacific/Apia", "Asia/Kathmandu", "America/Havana"]))
def test_it_does_not_depend_on_the_time_zone_of_the_process(fleet: Fleet, name: str):
    expected = computed(fleet)
    with process_time_zone(name):
        assert computed(fleet) == expected
