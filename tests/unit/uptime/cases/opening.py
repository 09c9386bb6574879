"""Rules 3 and 4: when a store is open. Monday is 23 January 2023."""

from tests.unit.uptime.notation import Case, Expected, expect, polls

MONDAY = ("2023-01-23 00:00", "2023-01-24 00:00")
TUESDAY = ("2023-01-24 00:00", "2023-01-25 00:00")
WEEK = ("2023-01-23 00:00", "2023-01-30 00:00")


def opening(
    name: str, hours: str, *expected: Expected, zone: str | None = "UTC", seen: str = ""
) -> Case:
    """A case of the week of 23 January that is about open time; without polls it is unknown."""
    found = polls(*[seen] if seen else [])
    return Case(
        name=name,
        zone=zone,
        hours=hours,
        polls=found,
        as_of="2023-01-30 00:00",
        expected=list(expected),
    )


def unknown(start: str, end: str, total: str) -> Expected:
    return expect(start, end, open=total, unknown=total)


OPENING = [
    opening("no hours at all is open always", "", unknown(*WEEK, "168"), zone=None),
    opening(
        "no time zone is America/Chicago",
        "daily 09:00-17:00",
        # Six hours behind in January: 15:00-23:00 UTC.
        unknown("2023-01-24 15:00", "2023-01-24 23:00", "8"),
        unknown("2023-01-24 14:00", "2023-01-24 15:00", "0"),
        unknown("2023-01-24 23:00", "2023-01-25 00:00", "0"),
        zone=None,
    ),
    opening(
        "rows for some weekdays close the others",
        "Mon 09:00-17:00",
        unknown(*WEEK, "8"),
        unknown(*TUESDAY, "0"),
    ),
    opening(
        "no open time is all zeros, also with polls",
        "Mon 09:00-17:00",
        unknown(*TUESDAY, "0"),
        seen="2023-01-24 12:00 up, 13:00 down",
    ),
    opening("one interval", "Mon 09:00-17:30", unknown(*WEEK, "8:30")),
    opening(
        "a window cuts an interval at both ends",
        "Mon 09:00-17:00",
        # 10:00-11:00, 08:00-10:00, 16:59-18:00.
        unknown("2023-01-23 10:00", "2023-01-23 11:00", "1"),
        unknown("2023-01-23 08:00", "2023-01-23 10:00", "1"),
        unknown("2023-01-23 16:59", "2023-01-23 18:00", "0:01"),
    ),
    opening(
        "equal times are 24 hours",
        "Mon 09:00-09:00",
        # Monday 09:00-24:00, Tuesday 00:00-09:00.
        unknown(*MONDAY, "15"),
        unknown(*TUESDAY, "9"),
        unknown(*WEEK, "24"),
    ),
    opening("midnight to midnight is 24 hours", "Mon 00:00-00:00", unknown(*WEEK, "24")),
    opening("equal times every day is always", "daily 06:00-06:00", unknown(*WEEK, "168")),
    opening(
        "overnight",
        "Mon 22:00-02:00",
        unknown(*MONDAY, "2"),
        unknown(*TUESDAY, "2"),
        unknown(*WEEK, "4"),
    ),
    opening(
        "overnight from Sunday into Monday",
        "Sun 22:00-02:00",
        # From Sunday 22nd: 00:00-02:00. From Sunday 29th: 22:00-24:00.
        unknown(*MONDAY, "2"),
        unknown("2023-01-29 00:00", "2023-01-30 00:00", "2"),
        unknown(*WEEK, "4"),
        seen="2023-01-30 01:00 up",
    ),
    opening(
        "closing at midnight",
        "Mon 18:00-00:00",
        unknown(*MONDAY, "6"),
        unknown(*TUESDAY, "0"),
    ),
    opening(
        "23:59 and 23:59:59 are midnight",
        "Mon 00:00-23:59, Tue 00:00-23:59:59, Wed 12:00-23:59:30, Thu 12:00-23:59:59.999999",
        # 24 + 24 + 12 + 12.
        unknown(*WEEK, "72"),
    ),
    opening(
        "the minute after 23:59 is open, and a poll in it counts",
        "Mon 00:00-23:59",
        expect(*MONDAY, open="24", down="24"),
        expect("2023-01-23 23:59", "2023-01-24 00:01", open="0:01", down="0:01"),
        seen="2023-01-23 23:59:30 down",
    ),
    opening(
        "a microsecond before 23:59 is not midnight",
        "Mon 23:00-23:58:59.999999",
        unknown(*WEEK, "0:58:59.999999"),
    ),
    opening("23:59 to 23:59 is the last minute", "Mon 23:59-23:59", unknown(*WEEK, "0:01")),
    opening(
        "23:59:30 to 23:59 is the last half minute", "Mon 23:59:30-23:59", unknown(*WEEK, "0:00:30")
    ),
    opening("23:59:30 to 00:00", "Mon 23:59:30-00:00", unknown(*WEEK, "0:00:30")),
    opening(
        "23:59:30 to 23:58 is nearly a day",
        # To Tuesday 23:58: 24 h less 1 min 30 s.
        "Mon 23:59:30-23:58",
        unknown(*WEEK, "23:58:30"),
    ),
    opening(
        "09-17 and 12-20 are eleven hours", "Mon 09:00-17:00, Mon 12:00-20:00", unknown(*WEEK, "11")
    ),
    opening(
        "an interval inside another adds nothing",
        "Mon 09:00-20:00, Mon 10:00-11:00, Mon 12:00-13:00",
        unknown(*WEEK, "11"),
    ),
    opening(
        "the same row twice counts once", "Mon 09:00-17:00, Mon 09:00-17:00", unknown(*WEEK, "8")
    ),
    opening("touching intervals", "Mon 09:00-12:00, Mon 12:00-15:00", unknown(*WEEK, "6")),
    opening(
        "three intervals a day",
        "daily 06:00-08:00, daily 11:00-14:00, daily 17:30-21:00",
        # 2 + 3 + 3.5 = 8.5 h on 7 days.
        unknown(*WEEK, "59:30"),
        unknown("2023-01-23 07:00", "2023-01-23 18:00", "4:30"),
    ),
    opening(
        "overnight into the next morning's hours",
        # Monday 20:00 to Tuesday 12:00, not 14 + 4.
        "Mon 20:00-10:00, Tue 08:00-12:00",
        unknown(*WEEK, "16"),
    ),
    opening(
        "overnight written as two rows is one opening",
        "Mon 18:00-23:59:59, Tue 00:00-03:00",
        expect("2023-01-23 18:00", "2023-01-24 03:00", open="9", up="9"),
        seen="2023-01-24 00:00 up",
    ),
    opening(
        "odd microseconds are kept",
        "Mon 09:00:00.000001-09:00:00.000004",
        unknown(*WEEK, "0:00:00.000003"),
    ),
]
