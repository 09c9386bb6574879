import pytest

from feeds.values import NO_TIME
from tests.unit.feeds.reading import SPECIAL_DAYS, only_reason, read

HOUR = 3_600_000_000
CHRISTMAS = 20_812


@pytest.mark.parametrize(
    ("written", "row"),
    [
        ("7,2026-12-25,,,Christmas", ("7", CHRISTMAS, NO_TIME, NO_TIME, "Christmas")),
        ("7, 2026-12-25 , , ,", ("7", CHRISTMAS, NO_TIME, NO_TIME, "")),
        ("7,2026-12-25,09:00,14:00,", ("7", CHRISTMAS, 9 * HOUR, 14 * HOUR, "")),
        ("7,2026-12-25,22:00,02:00,x", ("7", CHRISTMAS, 22 * HOUR, 2 * HOUR, "x")),
        ("7,2026-12-25,00:00,24:00,x", ("7", CHRISTMAS, 0, 0, "x")),
        ('7,2000-01-01,,,"Snow, ice"', ("7", 10_957, NO_TIME, NO_TIME, "Snow, ice")),
        (f"7,2100-12-31,,,{'r' * 200}", ("7", 47_846, NO_TIME, NO_TIME, "r" * 200)),
    ],
)
def test_it_reads_days_that_are_closed_and_days_with_hours(written, row):
    assert read(f"{SPECIAL_DAYS}{written}\n").accepted == [row]


def test_it_keeps_each_opening_of_a_day():
    text = f"{SPECIAL_DAYS}7,2026-12-25,09:00,12:00,\n7,2026-12-25,17:00,21:00,\n"
    assert [row[2:4] for row in read(text).accepted] == [
        (9 * HOUR, 12 * HOUR),
        (17 * HOUR, 21 * HOUR),
    ]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("7,,,,x", "date", "is empty"),
        ("7,25.12.2026,,,x", "date", "is not a date like 2026-12-25"),
        ("7,2026-12-25T00:00:00,,,x", "date", "is not a date like 2026-12-25"),
        ("7,2026-02-29,,,x", "date", "does not exist on the calendar"),
        ("7,0000-01-01,,,x", "date", "does not exist on the calendar"),
        ("7,1999-12-31,,,x", "date", "is outside the years 2000 to 2100"),
        ("7,2101-01-01,,,x", "date", "is outside the years 2000 to 2100"),
        ("7,2026-12-25,9,10:00,x", "start_time_local", "is not a time of day like 09:30:00"),
        ("7,2026-12-25,09:00,closed,x", "end_time_local", "is not a time of day like 09:30:00"),
        (
            "7,2026-12-25,,14:00,x",
            "start_time_local",
            "is empty, but end_time_local is not: give both, or neither for a closed day",
        ),
        (
            "7,2026-12-25,09:00,,x",
            "end_time_local",
            "is empty, but start_time_local is not: give both, or neither for a closed day",
        ),
        (f"7,2026-12-25,,,{'r' * 201}", "reason", "is longer than 200 characters"),
        ("7,2026-12-25,,,a\x07b", "reason", "has characters that cannot be printed"),
        (",2026-12-25,,,x", "store_id", "is empty"),
        ("7,2026-12-25,,", "", "has 4 fields where the header has 5"),
    ],
)
def test_it_says_what_is_wrong_with_a_row(row, field, reason):
    assert only_reason(SPECIAL_DAYS, row) == (field, reason)


def test_it_asks_which_feed_a_file_of_weekdays_and_dates_is():
    text = "store_id,day,date,start_time_local,end_time_local,reason\n7,4,2026-12-25,09:00,14:00,\n"
    assert read(text, expected="special_days").accepted == [
        ("7", CHRISTMAS, 9 * HOUR, 14 * HOUR, "")
    ]
    assert read(text, expected="hours").accepted == [("7", 4, 9 * HOUR, 14 * HOUR)]
