"""What a rule means, against python-dateutil, and which ones are refused."""

import re
from datetime import date, datetime, time, timedelta
from unittest.mock import patch

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from uptime.recurrence.occurrences import Recurrence, check_recurrence, occurrences
from uptime.recurrence.rule import parse_rule
from uptime.windows.elapsed import HOUR

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time


def recurrence(text, first=date(2023, 1, 1), at=time(3), *, zone="UTC", duration=HOUR):
    return Recurrence(rule=parse_rule(text), first=first, time=at, duration=duration, zone=zone)


def starts(which, start, end):
    found = occurrences([which], start, end)
    return sorted(EPOCH + timedelta(microseconds=at) for at in found.start.tolist())


def limits(draw, frequency):
    weekday = st.sampled_from(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))
    places = st.sampled_from([1, 2, 4, 5, -1, -2, -5])
    numbered = st.builds(lambda place, day: f"{place}{day}", places, weekday)
    month_days = st.sampled_from([1, 2, 13, 28, 29, 30, 31, -1, -2, -28, -31])
    several = {"max_size": 3, "unique": True}
    months = draw(st.lists(st.integers(1, 12), **several))
    has_numbers = frequency == "MONTHLY" or (frequency == "YEARLY" and months)
    # dateutil asks for both where a rule has weekdays with and without a number.
    kinds = [weekday, numbered] if has_numbers else [weekday]
    weekdays = draw(st.one_of(*(st.lists(kind, **several) for kind in kinds)))
    days = [] if frequency == "WEEKLY" else draw(st.lists(month_days, **several))
    return {"BYMONTH": months, "BYDAY": weekdays, "BYMONTHDAY": days}


@st.composite
def rules(draw):
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    for name, values in limits(draw, frequency).items():
        parts += [f"{name}={','.join(map(str, values))}"] if values else []
    end = draw(st.sampled_from(["", "UNTIL=20250310T025959", "UNTIL=20250310T030000", "COUNT=2"]))
    week_start = draw(st.sampled_from(["", "WKST=SU", "WKST=WE"]))
    return ";".join(filter(None, [*parts, end, week_start]))


@given(rules(), st.dates(date(2023, 1, 1), date(2024, 12, 31)))
def test_a_rule_occurs_when_dateutil_says(text, first):
    # Otherwise it goes on to the year 9999 with a rule that does not occur.
    with patch("dateutil.rrule.datetime.MAXYEAR", 2028):
        theirs = list(rrulestr(text, dtstart=datetime.combine(first, time(3))))
    end = (datetime(2029, 1, 1) - EPOCH) // timedelta(microseconds=1)  # noqa: DTZ001
    assert starts(recurrence(text, first), 0, end) == [at for at in theirs if at.year < 2029]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "NAME=VALUE"),
        ("FREQ=SECONDLY", "at most once a day"),
        ("FREQ=MINUTELY;INTERVAL=5", "at most once a day"),
        ("FREQ=HOURLY", "at most once a day"),
        ("INTERVAL=1", "needs a FREQ"),
        ("FREQ=DAILY;BYHOUR=1,2,3", "'BYHOUR' is not supported"),
        ("FREQ=DAILY;BYSETPOS=1", "'BYSETPOS' is not supported"),
        ("FREQ=DAILY;FREQ=DAILY", "has FREQ twice"),
        ("FREQ=DAILY;INTERVAL=0", "a number from 1 to 1000"),
        ("FREQ=DAILY;INTERVAL=99999999999999999999", "a number from 1 to 1000"),
        ("FREQ=DAILY;COUNT=1001", "a number from 1 to 1000"),
        ("FREQ=DAILY;COUNT=\u0661", "a number from 1 to 1000"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20240101", "both COUNT and UNTIL"),
        ("FREQ=DAILY;UNTIL=20230230", "no date of the calendar"),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", "not between 1970 and 2199"),
        ("FREQ=DAILY;UNTIL=tomorrow", "in UNTIL"),
        ("FREQ=DAILY;BYMONTH=13", "a number from 1 to 12"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "counted from 1 or -1"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "a weekly rule cannot have"),
        ("FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY or YEARLY"),
        ("FREQ=YEARLY;BYDAY=1MO", "add BYMONTH"),
        ("FREQ=MONTHLY;BYDAY=6MO", "in BYDAY"),
        ("FREQ=WEEKLY;BYDAY=", "in BYDAY"),
        ("FREQ=WEEKLY;WKST=XX", "in WKST"),
        ("RRULE:FREQ=DAILY\nEXRULE:FREQ=DAILY", "needs a FREQ"),
        ("FREQ=DAILY;" * 100, "more than 300 characters"),
    ],
)
def test_other_texts_are_refused_with_a_reason(text, fault):
    with pytest.raises(ValueError, match=re.escape(fault)):
        parse_rule(text)


def test_the_text_is_kept_in_capitals_without_its_name():
    assert parse_rule(" rrule:freq=weekly;byday=su; ").text == "FREQ=WEEKLY;BYDAY=SU"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never occurs"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never occurs"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "never occurs"),
        ("FREQ=DAILY;UNTIL=20221231", "never occurs"),
        ("FREQ=DAILY;UNTIL=20230101T025959", "never occurs"),
        ("FREQ=YEARLY;COUNT=1000", "only 28 times in its first 28 years, not 1000"),
    ],
)
def test_a_rule_that_does_not_occur_is_refused_at_once(text, fault):
    with pytest.raises(ValueError, match=fault):
        check_recurrence(recurrence(text))


def test_a_rule_of_leap_days_is_accepted():
    check_recurrence(recurrence("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO"))
