"""When occurrences begin and end in UTC, on days of a clock change too."""

from datetime import UTC, date, datetime, time

import pytest

from tests.unit.uptime.recurrence.test_rules import recurrence
from uptime.instants import to_microseconds
from uptime.recurrence.occurrences import next_occurrences, occurrences
from uptime.windows.elapsed import HOUR, MINUTE

CHICAGO = "America/Chicago"


def told(which, start, end):
    found = occurrences([which], start, end)
    return sorted(zip(found.start.tolist(), found.end.tolist(), strict=True))


def utc(*parts):
    return to_microseconds(datetime(*parts, tzinfo=UTC))


# Clocks go from 02:00 to 03:00 on 12 March 2023, and from 02:00 back to 01:00 on 5 November.
@pytest.mark.parametrize(
    ("day", "start", "duration", "expected"),
    [
        (date(2023, 3, 5), time(3), HOUR, (utc(2023, 3, 5, 9), utc(2023, 3, 5, 10))),
        (date(2023, 3, 12), time(3), HOUR, (utc(2023, 3, 12, 8), utc(2023, 3, 12, 9))),
        (date(2023, 3, 12), time(2, 30), HOUR, (utc(2023, 3, 12, 8), utc(2023, 3, 12, 8, 30))),
        (date(2023, 3, 12), time(1), 3 * HOUR, (utc(2023, 3, 12, 7), utc(2023, 3, 12, 9))),
        (date(2023, 11, 5), time(1, 30), HOUR, (utc(2023, 11, 5, 6, 30), utc(2023, 11, 5, 8, 30))),
        (date(2023, 11, 5), time(0, 30), HOUR, (utc(2023, 11, 5, 5, 30), utc(2023, 11, 5, 7, 30))),
    ],
    ids=[
        "usual",
        "after the jump",
        "begins in the jump",
        "across it",
        "begins twice",
        "ends twice",
    ],
)
def test_both_ends_are_wall_times(day, start, duration, expected):
    once = recurrence("FREQ=DAILY;COUNT=1", day, start, zone=CHICAGO, duration=duration)
    assert told(once, expected[0] - HOUR, expected[1] + HOUR) == [expected]


def test_what_lies_in_a_skipped_hour_is_left_out():
    skipped = recurrence("FREQ=DAILY", date(2023, 3, 11), time(2), zone=CHICAGO)
    found = told(skipped, utc(2023, 3, 11), utc(2023, 3, 14))
    assert found == [
        (utc(2023, 3, 11, 8), utc(2023, 3, 11, 9)),
        (utc(2023, 3, 13, 7), utc(2023, 3, 13, 8)),
    ]


def test_only_what_touches_the_interval_is_found_but_whole():
    long = recurrence("FREQ=MONTHLY", date(2023, 1, 1), time(0), duration=31 * 24 * HOUR)
    start = utc(2023, 1, 31, 23)
    assert told(long, start, start + HOUR) == [(utc(2023, 1, 1), utc(2023, 2, 1))]
    assert told(long, start + HOUR, start + HOUR + 1) == [(utc(2023, 2, 1), utc(2023, 3, 4))]


def test_until_may_be_a_day_which_is_included():
    by_day = recurrence("FREQ=DAILY;UNTIL=20230103", zone=CHICAGO)
    assert len(told(by_day, utc(2023, 1, 1), utc(2023, 1, 8))) == 3


def test_until_may_be_local_or_in_utc():
    local = recurrence("FREQ=DAILY;UNTIL=20230103T030000", zone=CHICAGO)
    same = recurrence("FREQ=DAILY;UNTIL=20230103T090000Z", zone=CHICAGO)
    earlier = recurrence("FREQ=DAILY;UNTIL=20230103T085959Z", zone=CHICAGO)
    week = utc(2023, 1, 1), utc(2023, 1, 8)
    assert told(local, *week) == told(same, *week)
    assert len(told(same, *week)) == len(told(earlier, *week)) + 1 == 3


def test_many_recurrences_at_once_are_told_apart():
    daily, weekly = recurrence("FREQ=DAILY"), recurrence("FREQ=WEEKLY", zone="Asia/Kolkata")
    found = occurrences([weekly, daily], utc(2023, 1, 1), utc(2023, 1, 8))
    assert found.recurrence.tolist().count(0) == 1
    assert found.recurrence.tolist().count(1) == 7
    assert not len(occurrences([], utc(2023, 1, 1), utc(2023, 1, 8)).start)


def test_the_next_ones_begin_with_one_that_lasts():
    sundays = recurrence("FREQ=WEEKLY", zone=CHICAGO)
    found = next_occurrences(sundays, utc(2023, 1, 8, 9, 30), 3)
    assert [start for start, _ in found] == [utc(2023, 1, day, 9) for day in (8, 15, 22)]


def test_fewer_are_next_than_wanted_if_it_ends():
    twice = recurrence("FREQ=YEARLY;COUNT=2", date(2024, 2, 29))
    assert len(next_occurrences(twice, utc(2023, 1, 1), 3)) == 2
    assert next_occurrences(twice, utc(2028, 2, 29, 4), 3) == []


def test_an_occurrence_of_minutes_that_is_far_away_is_next():
    rare = recurrence("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", duration=5 * MINUTE)
    [(start, end)] = next_occurrences(rare, utc(2025, 1, 1), 1)
    assert (start, end) == (utc(2044, 2, 29, 3), utc(2044, 2, 29, 3, 5))
