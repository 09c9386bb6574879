"""When schedules are due, across daylight saving, and against a second, slow implementation."""

from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schedules.planning import Rule, latest_period, next_periods, periods
from tests.unit.schedules.reference import due, instant

CHICAGO = "America/Chicago"
ZONES = [
    "UTC",
    CHICAGO,
    "Europe/London",
    "Europe/Dublin",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Pacific/Chatham",
]


def found(rule, after, until):
    return [
        (one.name, f"{one.due_at:%m-%d %H:%M}") for one in periods(rule, after=after, until=until)
    ]


def test_it_is_due_once_a_day_at_the_same_local_time():
    rule = Rule(cadence="daily", zone=CHICAGO, hour=6, minute=30)
    # Daylight saving begins on 10 March 2024: the same local time is an hour earlier in UTC.
    assert found(rule, instant(2024, 3, 8, 12, 30), instant(2024, 3, 11, 11, 30)) == [
        ("2024-03-09", "03-09 12:30"),
        ("2024-03-10", "03-10 11:30"),
        ("2024-03-11", "03-11 11:30"),
    ]


def test_it_is_due_at_the_first_instant_after_the_jump_where_the_time_never_happens():
    rule = Rule(cadence="daily", zone=CHICAGO, hour=2, minute=30)
    assert found(rule, instant(2024, 3, 10), instant(2024, 3, 11)) == [
        ("2024-03-10", "03-10 08:00")
    ]


def test_it_is_due_with_the_next_day_where_a_zone_skipped_the_day():
    """Apia had no 30 December 2011: the 29th ended where the 31st began, at 10:00 UTC."""
    midnight = Rule(cadence="daily", zone="Pacific/Apia")
    morning = Rule(cadence="daily", zone="Pacific/Apia", hour=6)
    start, end = instant(2011, 12, 29, 17), instant(2011, 12, 31, 12)
    both = [("2011-12-30", "12-30 10:00"), ("2011-12-31", "12-30 10:00")]
    assert found(midnight, start, end) == [*both, ("2012-01-01", "12-31 10:00")]
    assert found(morning, start, end) == [both[0], ("2011-12-31", "12-30 16:00")]
    assert latest_period(midnight, until=instant(2011, 12, 30, 10)).name == "2011-12-31"
    [following] = next_periods(midnight, after=instant(2011, 12, 30, 10), count=1)
    assert following.name == "2012-01-01"


def test_it_is_due_at_the_first_of_two_instants_where_the_time_happens_twice():
    rule = Rule(cadence="daily", zone=CHICAGO, hour=1, minute=30)
    assert found(rule, instant(2024, 11, 3), instant(2024, 11, 4)) == [
        ("2024-11-03", "11-03 06:30")
    ]


def test_it_is_due_each_hour_that_passes_also_where_the_clock_shows_one_twice():
    rule = Rule(cadence="hourly", zone=CHICAGO, minute=15)
    assert found(rule, instant(2024, 11, 3, 5, 15), instant(2024, 11, 3, 8, 15)) == [
        ("2024-11-03T01-0500", "11-03 06:15"),
        ("2024-11-03T01-0600", "11-03 07:15"),
        ("2024-11-03T02-0600", "11-03 08:15"),
    ]
    assert found(rule, instant(2024, 3, 10, 7, 15), instant(2024, 3, 10, 9, 15)) == [
        ("2024-03-10T03-0500", "03-10 08:15"),
        ("2024-03-10T04-0500", "03-10 09:15"),
    ]


def test_it_is_due_at_the_minute_of_the_local_clock_where_that_is_half_an_hour_off():
    rule = Rule(cadence="hourly", zone="Asia/Kolkata", minute=0)
    assert found(rule, instant(2024, 1, 1, 0, 0), instant(2024, 1, 1, 1, 0)) == [
        ("2024-01-01T06+0530", "01-01 00:30")
    ]


def test_it_is_due_once_a_week_and_names_the_week():
    rule = Rule(cadence="weekly", zone=CHICAGO, weekday=0, hour=6)
    assert found(rule, instant(2024, 12, 24), instant(2025, 1, 7)) == [
        ("2025-W01", "12-30 12:00"),
        ("2025-W02", "01-06 12:00"),
    ]


def test_it_is_due_on_the_last_day_of_months_that_are_shorter():
    rule = Rule(cadence="monthly", zone="UTC", day=31)
    assert found(rule, instant(2024, 1, 1), instant(2024, 5, 1)) == [
        ("2024-01", "01-31 00:00"),
        ("2024-02", "02-29 00:00"),
        ("2024-03", "03-31 00:00"),
        ("2024-04", "04-30 00:00"),
    ]


def test_it_is_due_on_the_day_after_where_a_zone_skipped_the_day():
    rule = Rule(cadence="daily", zone="Pacific/Apia", hour=6)
    # Samoa had no 30 December 2011.
    due_at = [
        one.due_at
        for one in periods(rule, after=instant(2011, 12, 29, 17), until=instant(2012, 1, 1))
    ]
    assert due_at == [
        instant(2011, 12, 30, 10),
        instant(2011, 12, 30, 16),
        instant(2011, 12, 31, 16),
    ]


def test_it_knows_no_end_of_time():
    rule = Rule(cadence="weekly", zone=CHICAGO, weekday=6, hour=23, minute=59)
    [one] = next_periods(rule, after=instant(2190, 1, 1), count=1)
    assert instant(2190, 1, 1) < one.due_at <= instant(2190, 1, 9)


# By then the last zone had given up offsets with seconds.
START = instant(1973, 1, 1)

rules = st.builds(
    Rule,
    cadence=st.sampled_from(["hourly", "daily", "weekly", "monthly"]),
    zone=st.sampled_from(ZONES),
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
    day=st.integers(1, 31),
)
instants = st.integers(0, 107 * 365 * 24 * 60).map(lambda late: START + timedelta(minutes=late))


@settings(max_examples=60)
@given(rule=rules, after=instants, days=st.integers(1, 12))
@example(Rule(cadence="daily", zone=CHICAGO, minute=30, hour=2), instant(2024, 3, 9), 3)
@example(Rule(cadence="daily", zone=CHICAGO, minute=30, hour=1), instant(2024, 11, 2), 3)
@example(Rule(cadence="hourly", zone="Australia/Lord_Howe", minute=45), instant(2024, 4, 6), 2)
@example(Rule(cadence="hourly", zone="Australia/Lord_Howe", minute=15), instant(2024, 10, 5), 2)
@example(Rule(cadence="daily", zone="Pacific/Apia", minute=0, hour=0), instant(2011, 12, 28), 5)
@example(Rule(cadence="daily", zone="Pacific/Kwajalein", minute=0), instant(1993, 8, 18), 6)
@example(Rule(cadence="daily", zone="Asia/Beirut", minute=0, hour=0), instant(2024, 3, 29), 4)
@example(
    Rule(cadence="monthly", zone="Africa/Casablanca", minute=5, day=31), instant(2026, 2, 20), 12
)
def test_it_is_due_when_looking_at_every_minute_finds_it(rule, after, days):
    until = after + timedelta(days=days)
    assert [one.due_at for one in periods(rule, after=after, until=until)] == due(
        rule, after, until
    )


@given(rule=rules, after=instants, parts=st.lists(st.integers(0, 60 * 24 * 40), max_size=4))
def test_it_is_due_as_often_however_often_one_looks(rule, after, parts):
    until = after + timedelta(days=40)
    cuts = sorted(after + timedelta(minutes=part) for part in parts)
    whole = periods(rule, after=after, until=until)
    pieces = [
        one
        for start, end in zip([after, *cuts], [*cuts, until], strict=True)
        for one in periods(rule, after=start, until=end)
    ]
    assert pieces == whole


@given(rule=rules, at=instants)
def test_it_names_each_period_differently_and_finds_the_nearest_on_either_side(rule, at):
    span = timedelta(days=70)
    around = periods(rule, after=at - span, until=at + span)
    assert len({one.name for one in around}) == len(around)
    before = [one for one in around if one.due_at <= at]
    assert latest_period(rule, until=at) == before[-1]
    assert next_periods(rule, after=at, count=2) == around[len(before) :][:2]


@pytest.mark.parametrize("zone", ["Nowhere/Land", ""])
def test_it_refuses_a_zone_that_there_is_not(zone):
    with pytest.raises(ValueError, match="not a time zone"):
        next_periods(Rule(cadence="daily", zone=zone, minute=0), after=instant(2024, 1, 1), count=1)
