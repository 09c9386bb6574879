"""Rules 13 to 17 for every fleet."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests import reference_quality
from tests.reference import DAY, HOUR, MINUTE, SECOND, Poll, Store
from tests.reference_quality import assess_store
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.strategies import Fleet, fleets, often, thoroughly
from uptime import Quality, Question, UptimeSummary, Window, percentage, summarise

distances = st.sampled_from([0, 1, SECOND, 20 * MINUTE + 1, HOUR, 6 * HOUR])

MEASURES = ("covered", "longest_gap", "least_up", "most_up", "margin")


def summary_of(fleet: Fleet, *, fresh: int = HOUR, **changed: object) -> UptimeSummary:
    question = fleet.question | changed
    windows = [Window(name=f"w{n}", start=a, end=b) for n, (a, b) in enumerate(question["windows"])]
    stores = fleet_of(fleet.stores)
    return summarise(stores, Question(**question | {"windows": windows}, fresh=fresh, full=True))


def quality_of(summary: UptimeSummary) -> Quality:
    assert summary.quality is not None
    return summary.quality


def computed(fleet: Fleet, **question: object) -> list[list[reference_quality.Quality]]:
    """The quality of each store, one for each window."""
    quality = quality_of(summary_of(fleet, **question))
    arrays = np.stack([getattr(quality, measure) for measure in MEASURES])
    return [
        [
            reference_quality.Quality(**dict(zip(MEASURES, values.tolist(), strict=True)))
            for values in arrays[:, :, store].T
        ]
        for store in range(len(fleet.stores))
    ]


@thoroughly
@given(fleets(), distances)
def test_it_equals_the_reference(fleet: Fleet, fresh: int):
    expected = [assess_store(store, **fleet.question, fresh=fresh) for store in fleet.stores]
    assert computed(fleet, fresh=fresh) == expected


@often
@given(fleets())
def test_it_keeps_uptime_within_its_bounds(fleet: Fleet):
    summary = summary_of(fleet)
    quality = quality_of(summary)
    assert (quality.least_up >= 0).all()
    assert (quality.least_up <= summary.up).all()
    assert (summary.up <= quality.most_up).all()
    assert (quality.most_up <= summary.up + summary.down).all()


@often
@given(fleets())
def test_it_keeps_the_margin_within_the_bounds(fleet: Fleet):
    summary = summary_of(fleet)
    quality = quality_of(summary)
    reach = np.maximum(summary.up - quality.least_up, quality.most_up - summary.up)
    assert (quality.margin >= 0).all()
    assert (quality.margin <= reach).all()
    assert ((quality.margin > 0) == (reach > 0)).all()


@often
@given(fleets())
def test_it_has_no_doubt_where_all_polls_agree(fleet: Fleet):
    agreed = [replace(s, polls=[Poll(at=p.at, active=True) for p in s.polls]) for s in fleet.stores]
    summary = summary_of(replace(fleet, stores=agreed))
    quality = quality_of(summary)
    assert (quality.margin == 0).all()
    assert (quality.least_up == summary.up).all()
    assert (quality.most_up == summary.up).all()


@often
@given(fleets(), distances)
def test_it_covers_what_a_limit_of_the_same_length_would_know(fleet: Fleet, fresh: int):
    limited = summary_of(fleet, max_gap=fresh)
    covered = quality_of(summary_of(fleet, fresh=fresh)).covered
    assert (covered == limited.up + limited.down).all()


@often
@given(fleets())
def test_it_has_no_gap_longer_than_the_time_that_counts(fleet: Fleet):
    summary = summary_of(fleet)
    gap = quality_of(summary).longest_gap
    assert ((gap >= 0) & (gap <= summary.counted)).all()
    assert ((gap > 0) == (summary.counted > 0)).all()


@often
@given(fleets(), st.data())
def test_it_sums_coverage_and_bounds_over_the_parts_of_a_window(fleet: Fleet, data: st.DataObject):
    start, end = fleet.windows[0]
    middle = data.draw(st.integers(start, end))
    quality = quality_of(summary_of(fleet, windows=[(start, end), (start, middle), (middle, end)]))
    for measure in ("covered", "least_up", "most_up"):
        whole, *parts = getattr(quality, measure)
        assert (sum(parts) == whole).all()


@often
@given(fleets())
def test_it_gives_a_store_alone_what_it_has_in_a_fleet(fleet: Fleet):
    alone = [computed(replace(fleet, stores=[store]))[0] for store in fleet.stores]
    assert alone == computed(fleet)


@often
@given(fleets())
def test_it_names_the_newest_poll_that_the_report_knows(fleet: Fleet):
    quality = quality_of(summary_of(fleet))
    for n, store in enumerate(fleet.stores):
        known = [p for p in store.polls if fleet.first_evidence <= p.at <= fleet.as_of]
        last = max(known, key=lambda poll: poll.at, default=None)
        expected = (0, -1) if last is None else (last.at, int(last.active))
        assert (quality.last_polled_at[n], quality.last_active[n]) == expected


@given(st.lists(st.tuples(st.integers(0, 366 * DAY), st.integers(0, 366 * DAY)), max_size=9))
@example([(99_996, 100_000), (99_999, 100_000), (1, 1), (0, 1), (0, 0), (366 * DAY - 1, 366 * DAY)])
def test_it_cuts_percentages_off(pairs: list[tuple[int, int]]):
    pairs = [(min(pair), max(pair)) for pair in pairs]
    parts, wholes = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    expected = [reference_quality.percentage(part, whole) for part, whole in pairs]
    assert percentage(parts, wholes).tolist() == expected


def alternating(step: int, count: int, as_of: int) -> Store:
    return Store(polls=[Poll(at=as_of - n * step, active=n % 2 == 0) for n in range(count)])


def test_it_is_exact_where_squares_of_microseconds_are_beyond_64_bits():
    """Two polls half a year apart: the square of the time between has 88 bits."""
    as_of = 60 * 366 * DAY + 1
    store = alternating(183 * DAY + 7, 3, as_of)
    question = {"as_of": as_of, "windows": [(as_of - 366 * DAY, as_of)]}
    fleet = Fleet(stores=[store], look_back=DAY, max_gap=None, **question)
    assert computed(fleet) == [assess_store(store, **question)]


def test_it_is_exact_where_a_thousand_pairs_differ():
    """The oldest of them began before the window and counts for the part inside."""
    as_of, step = 20_000 * DAY + 13, 7 * MINUTE + 1
    question = {"as_of": as_of, "windows": [(as_of - 7 * DAY, as_of)]}
    fleet = Fleet(stores=[alternating(step, 1500, as_of)], look_back=DAY, max_gap=None, **question)
    margin = computed(fleet)[0][0].margin
    squares = (7 * DAY // step) * step**2 + (7 * DAY % step) ** 2
    assert 7500 * margin**2 >= 2401 * squares > 7500 * (margin - 1) ** 2


def test_it_refuses_a_margin_that_could_not_be_exact():
    year, as_of = 366 * DAY, 40 * 366 * DAY
    question = {"as_of": as_of, "windows": [(as_of - 4 * year, as_of)]}
    fleet = Fleet(stores=[alternating(year, 6, as_of)], look_back=0, max_gap=None, **question)
    assert computed(fleet) == [assess_store(fleet.stores[0], look_back=0, **question)]
    with pytest.raises(ValueError, match="at most four years"):
        computed(fleet, windows=[(as_of - 5 * year, as_of)])
