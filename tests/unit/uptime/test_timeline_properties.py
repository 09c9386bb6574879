"""The timeline of every store, against the numbers of a report and against the reference."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.reference import (
    DEFAULT_ZONE,
    Store,
    evidence_of,
    is_open,
    local_dates,
    open_intervals,
    opening_of,
    state_at,
    summarise_store,
    zone,
)
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.strategies import Fleet, fleets, often, thoroughly
from uptime import Question, Timeline, Window, summarise, timeline


def drawn(fleet: Fleet, store: Store) -> Timeline:
    start, end = fleet.windows[0]
    asked = Question(
        as_of=fleet.as_of,
        windows=[Window(name="w", start=start, end=end)],
        look_back=fleet.look_back,
        max_gap=fleet.max_gap,
    )
    return timeline(fleet_of([store]), asked)


@thoroughly
@given(fleets())
def test_it_sums_up_to_the_numbers_of_a_report(fleet: Fleet):
    start, end = fleet.windows[0]
    question = {"as_of": fleet.as_of, "look_back": fleet.look_back, "max_gap": fleet.max_gap}
    asked = Question(windows=[Window(name="w", start=start, end=end)], **question)
    summary = summarise(fleet_of(fleet.stores), asked)
    for n, store in enumerate(fleet.stores):
        found = drawn(fleet, store)
        sums = (found.up, found.down, found.unknown, found.excluded, found.open)
        (share,) = summarise_store(store, windows=[(start, end)], **question)
        assert sums == (
            *(share.up, share.down, share.unknown),
            *(share.excluded, share.open),
        )
        assert sums == tuple(
            int(numbers[0, n])
            for numbers in (
                *(summary.up, summary.down, summary.unknown),
                *(summary.excluded, summary.open),
            )
        )
        assert found.open + found.closed == end - start


@often
@given(fleets())
def test_it_covers_all_the_time_without_a_gap(fleet: Fleet):
    for store in fleet.stores:
        spans = drawn(fleet, store).spans
        assert all(span.start < span.end for span in spans)
        assert [span.end for span in spans[:-1]] == [span.start for span in spans[1:]]
        assert (spans[0].start, spans[-1].end) == fleet.windows[0]
        for a, b in pairwise(spans):
            assert (a.state, a.rule, a.poll, a.opening) != (b.state, b.rule, b.poll, b.opening)


@often
@given(fleets(), st.data())
def test_it_says_of_any_instant_what_the_reference_says(fleet: Fleet, data: st.DataObject):
    start, _ = fleet.windows[0]
    for store in fleet.stores:
        intervals = open_intervals(store, start - fleet.look_back, fleet.as_of)
        evidence = evidence_of(store, intervals, start - fleet.look_back, fleet.as_of)
        for span in drawn(fleet, store).spans:
            instant = data.draw(st.integers(span.start, span.end - 1))
            opened = is_open(instant, intervals)
            state = state_at(store, instant, evidence, fleet.max_gap)
            expected = state if opened else "closed"
            assert span.state == expected
            if span.poll is not None:
                distance = min(abs(poll.at - instant) for poll in evidence)
                assert abs(span.poll.at - instant) <= distance + 1


@often
@given(fleets())
def test_it_names_the_rows_that_make_each_opening(fleet: Fleet):
    start, _ = fleet.windows[0]
    for store in fleet.stores:
        where = zone(store.time_zone or DEFAULT_ZONE)
        openings = {span.opening for span in drawn(fleet, store).spans} - {None}
        for opening in openings:
            first = start - fleet.look_back if opening.start is None else opening.start
            last = fleet.as_of if opening.end is None else opening.end
            special = {row.day for row in store.special_days}
            made_by = {
                number
                for number, row in enumerate(store.hours)
                for day in local_dates(first, last, where)
                if day.weekday() == row.weekday and day not in special
                for opens, closes in [opening_of(day, row, where)]
                if opens < closes and opens < last and closes > first
            }
            made_by_special = {
                number
                for number, row in enumerate(store.special_days)
                if row.opens is not None
                for opens, closes in [opening_of(row.day, row, where)]
                if opens < closes and opens < last and closes > first
            }
            if None not in (opening.start, opening.end):
                assert set(opening.rows) == made_by
                assert set(opening.special_rows) == made_by_special
            assert set(opening.rows) >= made_by
            assert set(opening.special_rows) >= made_by_special
            assert (opening.rule == "business_hours") == bool(opening.rows)
            if not opening.rows and not opening.special_rows:
                assert opening.rule == "always_open"


@often
@given(fleets())
def test_it_lists_every_poll_with_whether_it_counts(fleet: Fleet):
    start, end = fleet.windows[0]
    for store in fleet.stores:
        intervals = open_intervals(store, start - fleet.look_back, fleet.as_of)
        evidence = evidence_of(store, intervals, start - fleet.look_back, fleet.as_of)
        expected = [
            (poll.at, poll.active, poll in evidence)
            for poll in sorted(store.polls, key=lambda poll: poll.at)
            if start <= poll.at <= end
        ]
        polls = drawn(fleet, store).polls
        assert [(poll.at, poll.active, poll.is_evidence) for poll in polls] == expected
