"""The state of a fleet, against the numbers of a report and against the reference."""

from dataclasses import asdict
from datetime import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reference import (
    DAY,
    HOUR,
    MINUTE,
    Hours,
    Poll,
    Store,
    evidence_of,
    is_open,
    open_intervals,
    status_at,
    summarise_store,
)
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.notation import at
from tests.unit.uptime.strategies import Fleet, fleets, often
from uptime import DEFAULT_WINDOWS, Question, parse_windows, summarise
from uptime.state.fleet import FleetState, fleet_state, near, usual_distance
from uptime.state.now import CLOSED, DOWN, EXCLUDED, UNKNOWN, UP

WEEK = 7 * DAY


def question(as_of: int, look_back: int = DAY, max_gap: int | None = None) -> Question:
    return Question(
        as_of=as_of,
        windows=parse_windows(DEFAULT_WINDOWS),
        look_back=look_back,
        max_gap=max_gap,
        full=True,
    )


def asked(fleet: Fleet) -> tuple[Question, FleetState]:
    wanted = question(fleet.as_of, fleet.look_back, fleet.max_gap)
    return wanted, fleet_state(fleet_of(fleet.stores), wanted)


@often
@given(fleets())
def test_its_numbers_are_those_of_a_report_and_its_hours_add_up_to_them(fleet: Fleet):
    wanted, state = asked(fleet)
    report = summarise(fleet_of(fleet.stores), wanted)
    for measure in ("up", "down", "unknown", "excluded"):
        assert (getattr(report, measure) == getattr(state.summary, measure)).all()
        hours = getattr(state.hours, measure).sum(axis=1, dtype=np.int64)
        assert (hours == getattr(report, measure)[2]).all()
    assert (report.open == state.summary.open).all()
    for measure in ("covered", "longest_gap", "least_up", "most_up", "margin", "last_polled_at"):
        assert (getattr(report.quality, measure) == getattr(state.summary.quality, measure)).all()


@often
@given(fleets(), st.data())
def test_each_hour_is_what_the_reference_says(fleet: Fleet, data: st.DataObject):
    _, state = asked(fleet)
    edges = state.hours.edges.tolist()
    assert (edges[0], edges[-1]) == (fleet.as_of - WEEK, fleet.as_of)
    assert all(0 < b - a <= HOUR for a, b in pairwise(edges))
    assert all(edge % HOUR == 0 for edge in edges[1:-1])
    for n, store in enumerate(fleet.stores):
        hour = data.draw(st.integers(0, len(edges) - 2))
        # One window of a week, so that the same polls count as in the state.
        whole, cut = (fleet.as_of - WEEK, fleet.as_of), (edges[hour], edges[hour + 1])
        _, share = summarise_store(
            store,
            as_of=fleet.as_of,
            windows=[whole, cut],
            look_back=fleet.look_back,
            max_gap=fleet.max_gap,
        )
        found = {name: getattr(state.hours, name)[n, hour] for name in asdict(share)}
        assert found == asdict(share)


@often
@given(fleets())
def test_now_is_what_the_reference_says(fleet: Fleet):
    _, state = asked(fleet)
    start = fleet.as_of - WEEK - fleet.look_back
    ahead = fleet.as_of + 8 * DAY
    for n, store in enumerate(fleet.stores):
        intervals = open_intervals(store, start, ahead)
        evidence = evidence_of(store, intervals, start, fleet.as_of)
        opened = is_open(fleet.as_of, intervals)
        assert state.now.is_open[n] == opened
        excluded = opened and is_open(fleet.as_of, store.exclusions)
        assert state.now.is_excluded[n] == excluded
        assert state.now.seen_at[n] == (evidence[-1].at if evidence else 0)
        distance = fleet.as_of - evidence[-1].at if evidence else 0
        for limit in (0, max(distance - 1, 0), distance, WEEK * 2):
            seen = evidence and distance <= limit
            expected = (UP if evidence[-1].active else DOWN) if seen else UNKNOWN
            expected = EXCLUDED if excluded else expected
            assert state.now.states(limit)[n] == (expected if opened else CLOSED)
        inside = [(a, b) for a, b in intervals if a <= fleet.as_of < b]
        earlier = [b for _, b in intervals if b <= fleet.as_of]
        later = [a for a, _ in intervals if a > fleet.as_of]
        turned = inside[0][0] if inside else max(earlier, default=0)
        turns = inside[0][1] if inside else min(later, default=0)
        assert state.now.turned[n] == (turned if turned > start else 0)
        assert state.now.turns[n] == (turns if turns < ahead else 0)


@often
@given(fleets())
def test_since_is_the_first_open_instant_of_the_last_status(fleet: Fleet):
    _, state = asked(fleet)
    start = fleet.as_of - WEEK - fleet.look_back
    for n, store in enumerate(fleet.stores):
        intervals = open_intervals(store, start, fleet.as_of + 1)
        evidence = evidence_of(store, intervals, start, fleet.as_of)
        if not evidence:
            assert state.now.since[n] == 0
            continue
        since = int(state.now.since[n])
        status = "up" if evidence[-1].active else "down"
        if fleet.max_gap is None:
            differing = [poll.at for poll in evidence if poll.active != evidence[-1].active]
            assert (since == 0) == (not differing)
        # With no gap at all a poll speaks for no time.
        if since and state.now.is_open[n] and fleet.max_gap != 0:
            assert is_open(since, intervals)
            assert not is_open(since, store.exclusions)
            assert status_at(since, evidence, fleet.max_gap) == status
            share = summarise_store(
                store,
                as_of=fleet.as_of,
                windows=[(fleet.as_of - WEEK, fleet.as_of), (since, max(evidence[-1].at, since))],
                look_back=fleet.look_back,
                max_gap=fleet.max_gap,
            )[1]
            assert (share.down if status == "up" else share.up) == 0


@often
@given(fleets())
def test_outages_add_up_to_the_downtime(fleet: Fleet):
    _, state = asked(fleet)
    outages = state.outages
    lost = np.bincount(outages.store, weights=outages.lost, minlength=len(fleet.stores))
    assert (lost == state.summary.down[2]).all()
    for place, number in enumerate(outages.store.tolist()):
        store = fleet.stores[number]
        intervals = open_intervals(store, fleet.as_of - WEEK - fleet.look_back, fleet.as_of)
        start, end = int(outages.start[place]), int(outages.end[place])
        assert is_open(start, intervals)
        assert is_open(end - 1, intervals)
        assert not any(is_open(at, store.exclusions) for at in (start, end - 1))
        assert 0 < outages.lost[place] <= end - start


def test_an_outage_goes_on_over_night_and_leaves_out_the_time_closed():
    hours = [Hours(weekday=day, opens=time(9), closes=time(22)) for day in range(7)]
    as_of = at("2024-05-08 12:00")
    polls = [
        Poll(at=at("2024-05-06 10:00"), active=True),
        Poll(at=at("2024-05-06 12:00"), active=False),
        Poll(at=at("2024-05-07 10:00"), active=False),
        Poll(at=at("2024-05-07 12:00"), active=True),
    ]
    store = Store(time_zone="UTC", hours=hours, polls=polls)
    outages = fleet_state(fleet_of([store]), question(as_of)).outages
    assert outages.start.tolist() == [at("2024-05-06 11:00")]
    assert outages.end.tolist() == [at("2024-05-07 11:00")]
    assert outages.lost.tolist() == [13 * HOUR]
    assert (outages.lasts.tolist(), outages.began_before.tolist()) == ([False], [False])


def test_a_store_not_seen_near_is_neither_up_nor_down():
    as_of = at("2024-05-08 12:00")
    hourly = [Poll(at=as_of - n * HOUR, active=True) for n in range(24)]
    silent = [Poll(at=as_of - n * HOUR, active=False) for n in range(4, 24)]
    fleet = fleet_of([Store(polls=hourly), Store(polls=silent), Store()])
    state = fleet_state(fleet, question(as_of))
    assert usual_distance(state.distances) == HOUR
    assert near(state.distances) == 3 * HOUR
    assert state.now.states(3 * HOUR).tolist() == [UP, UNKNOWN, UNKNOWN]
    assert state.now.states(4 * HOUR).tolist() == [UP, DOWN, UNKNOWN]
    assert state.now.turns.tolist() == [0, 0, 0]  # None ever closes.


def test_downtime_in_this_opening_begins_when_the_store_opened():
    hours = [Hours(weekday=day, opens=time(9), closes=time(22)) for day in range(7)]
    as_of = at("2024-05-08 12:00")
    polls = [Poll(at=as_of - n * HOUR, active=False) for n in range(24)]
    state = fleet_state(
        fleet_of([Store(time_zone="UTC", hours=hours, polls=polls)]), question(as_of)
    )
    assert state.now.down_in_opening.tolist() == [3 * HOUR]
    assert state.now.turned.tolist() == [at("2024-05-08 09:00")]
    assert state.now.turns.tolist() == [at("2024-05-08 22:00")]


def test_the_usual_distance_is_the_median():
    distances = np.zeros(10_081, dtype=np.int64)
    assert usual_distance(distances) == HOUR
    distances[[0, 58, 61, 10_080]] = [1, 5, 5, 3]
    assert usual_distance(distances) == 61 * MINUTE


def test_it_needs_a_week_with_the_full_columns():
    fleet = fleet_of([Store()])
    for wanted in (
        Question(as_of=WEEK * 9, windows=parse_windows(["24h"]), full=True),
        Question(as_of=WEEK * 9, windows=parse_windows(DEFAULT_WINDOWS)),
    ):
        with pytest.raises(ValueError, match="full columns of a week"):
            fleet_state(fleet, wanted)
