"""Recurrences in words."""

from datetime import time

import pytest

from tests.unit.uptime.recurrence.test_rules import recurrence
from uptime.recurrence.rule import parse_rule
from uptime.recurrence.words import length_in_words, recurrence_in_words, rule_in_words
from uptime.windows.elapsed import DAY, HOUR, MINUTE, SECOND


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;BYDAY=SU", "every week on Sunday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR", "every 2 weeks on Monday, Wednesday and Friday"),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "every 2 weeks (weeks begin on Sunday)"),
        ("FREQ=MONTHLY;BYDAY=-1SU", "every month on the last Sunday"),
        ("FREQ=MONTHLY;BYDAY=-2MO", "every month on the second to last Monday"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1,1,-3",
            "every month on day 1, day 3 from the end and the last day",
        ),
        (
            "FREQ=YEARLY;BYMONTH=12,1;BYDAY=1MO",
            "every year on the first Monday in January and December",
        ),
        ("FREQ=DAILY;COUNT=3", "every day 3 times"),
        ("FREQ=DAILY;UNTIL=20240131T235959Z", "every day until 2024-01-31"),
    ],
)
def test_a_rule_is_told_in_words(text, words):
    assert rule_in_words(parse_rule(text)) == words


def test_the_whole_recurrence_is_told():
    night = recurrence("FREQ=WEEKLY;BYDAY=SU", at=time(3), zone="America/Chicago", duration=HOUR)
    assert recurrence_in_words(night) == "every week on Sunday at 03:00 for 1 h, America/Chicago"


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (90 * MINUTE, "1 h 30 min"),
        (2 * DAY, "2 d"),
        (MINUTE + SECOND // 2, "1 min 0.5 s"),
        (10 * MINUTE, "10 min"),
        (0, "0 min"),
    ],
)
def test_a_length_is_told_in_its_units(length, words):
    assert length_in_words(length) == words
