import pytest

from tests.unit.feeds.reading import HOURS, only_reason, read

MINUTE = 60_000_000
HOUR = 60 * MINUTE


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("00:00:00", 0),
        ("0:00:00", 0),
        ("9:30", 9 * HOUR + 30 * MINUTE),
        ("09:30:15", 9 * HOUR + 30 * MINUTE + 15_000_000),
        (" 09:30:00 ", 9 * HOUR + 30 * MINUTE),
        ("23:59:59.999999", 24 * HOUR - 1),
        ("23:59:59.5000000", 24 * HOUR - 500_000),
        ("23:59", 24 * HOUR - MINUTE),
    ],
)
def test_it_reads_opening_and_closing_times(written, time):
    assert read(f"{HOURS}7,4,{written},{written}\n").accepted == [("7", 4, time, time)]


@pytest.mark.parametrize("midnight", ["24:00", "24:00:00", "24:00:00.000"])
def test_it_stores_a_closing_time_of_24_as_midnight(midnight):
    assert read(f"{HOURS}7,0,09:00,{midnight}\n").accepted == [("7", 0, 9 * HOUR, 0)]


def test_it_refuses_to_open_at_24():
    assert only_reason(HOURS, "7,0,24:00:00,09:00:00") == (
        "start_time_local",
        "opens at 24:00: write 00:00:00 of the next day",
    )


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "is empty"),
        ("24:00:01", "is later than 24:00"),
        ("25:00", "is later than 24:00"),
        ("9", "is not a time of day like 09:30:00"),
        ("12:60:00", "is not a time of day like 09:30:00"),
        ("12:00:60", "is not a time of day like 09:30:00"),
        ("-1:00", "is not a time of day like 09:30:00"),
        ("9:00 PM", "is not a time of day like 09:30:00"),
        ("09:00:00.0000001", "is finer than a microsecond"),
    ],
)
def test_it_says_what_is_wrong_with_a_time(written, reason):
    assert only_reason(HOURS, f"7,0,{written},09:00") == ("start_time_local", reason)
    assert only_reason(HOURS, f"7,0,09:00,{written}") == ("end_time_local", reason)


@pytest.mark.parametrize("written", ["7", "-1", "0.0", "Monday", "", "٣"])
def test_it_rejects_what_is_no_weekday(written):
    field, reason = only_reason(HOURS, f"7,{written},09:00,17:00")
    assert field == "day"
    assert reason in {"is empty", "is not a weekday from 0 (Monday) to 6 (Sunday)"}


def test_it_keeps_hours_that_end_before_they_start_and_hours_of_no_length():
    rows = "7,0,22:00,02:00\n7,1,09:00,09:00\n"
    assert read(HOURS + rows).accepted == [
        ("7", 0, 22 * HOUR, 2 * HOUR),
        ("7", 1, 9 * HOUR, 9 * HOUR),
    ]


def test_it_names_the_first_bad_field_by_the_files_own_column_name():
    everything = read("STORE ID,dayOfWeek,Start_Time_Local,End_Time_Local\n7,9,x,y\n")
    assert everything.reasons == [
        (2, "dayOfWeek", "9", "is not a weekday from 0 (Monday) to 6 (Sunday)")
    ]
