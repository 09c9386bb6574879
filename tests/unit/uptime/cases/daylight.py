"""Rule 5: days of 23 and 25 hours.

In New York clocks went from 02:00 to 03:00 on Sunday 10 March 2024 (07:00 UTC) and from 02:00
back to 01:00 on Sunday 3 November 2024 (06:00 UTC). It is 5 h behind UTC in winter, 4 in summer.
"""

from tests.unit.uptime.notation import Case, Expected, expect, polls

MARCH_DAY = ("2024-03-10 00:00", "2024-03-11 12:00")
NOVEMBER_DAY = ("2024-11-03 00:00", "2024-11-04 12:00")


def change(name: str, zone: str, hours: str, *expected: Expected, seen: str = "") -> Case:
    """A case without polls, or with those of one date, as of the end of its last window."""
    end = max(e.window[1] for e in expected)
    assert end == expected[-1].window[1]
    return Case(
        name=name,
        zone=zone,
        hours=hours,
        polls=polls(*[seen] if seen else []),
        as_of=end,
        expected=list(expected),
    )


def unknown(start: str, end: str, total: str) -> Expected:
    return expect(start, end, open=total, unknown=total)


def march(name: str, hours: str, total: str) -> Case:
    return change(f"March: {name}", "America/New_York", hours, unknown(*MARCH_DAY, total))


def november(name: str, hours: str, total: str) -> Case:
    return change(f"November: {name}", "America/New_York", hours, unknown(*NOVEMBER_DAY, total))


DAYLIGHT = [
    change(
        "09-17 over the change in Chicago is 19 h from Saturday to Monday noon",
        "America/Chicago",
        "daily 09:00-17:00",
        # Saturday 00:00 is 06:00 UTC, Monday 12:00 is 17:00 UTC. 8 + 8 + 3.
        unknown("2024-03-09 06:00", "2024-03-11 17:00", "19"),
    ),
    change(
        "09-17 stays 09-17 for the rest of the month",
        "America/Chicago",
        "Mon-Fri 09:00-17:00",
        # Friday 8th 15:00-23:00 UTC, Monday 11th and Friday 29th 14:00-22:00 UTC.
        unknown("2024-03-08 15:00", "2024-03-08 23:00", "8"),
        unknown("2024-03-11 14:00", "2024-03-11 22:00", "8"),
        unknown("2024-03-29 14:00", "2024-03-29 22:00", "8"),
        unknown("2024-03-29 22:00", "2024-03-29 23:00", "0"),
    ),
    march(
        "a day of 23 hours",
        "Sun 00:00-23:59",
        # 05:00 UTC to 04:00 UTC on Monday.
        "23",
    ),
    march(
        "opening inside the gap",
        "Sun 02:30-10:00",
        # 03:00 EDT is 07:00 UTC; 10:00 EDT is 14:00 UTC.
        "7",
    ),
    march("opening where the gap begins", "Sun 02:00-06:00", "3"),  # 07:00-10:00 UTC
    march("opening where the gap ends", "Sun 03:00-06:00", "3"),  # 07:00-10:00 UTC
    march("closing inside the gap", "Sun 00:00-02:30", "2"),  # 05:00-07:00 UTC
    march("closing where the gap begins", "Sun 00:00-02:00", "2"),  # 05:00-07:00 UTC
    march("closing where the gap ends", "Sun 00:00-03:00", "2"),  # 05:00-07:00 UTC
    march("wholly inside the gap", "Sun 02:15-02:45", "0"),
    march("over the gap", "Sun 01:30-03:30", "1"),  # 06:30-07:30 UTC
    march(
        "both sides of the gap touch",
        "Sun 01:00-02:10, Sun 02:50-04:00",
        # 06:00-07:00 and 07:00-08:00 UTC.
        "2",
    ),
    march("overnight into the gap", "Sat 22:00-02:30", "4"),  # 03:00-07:00 UTC
    march(
        "24 hours that end inside the gap",
        "Sat 02:30-02:30",
        # Saturday 07:30 UTC to Sunday 07:00 UTC, of which 7 h are in the window.
        "7",
    ),
    change(
        "a poll at the jump counts when the opening fell into the gap",
        "America/New_York",
        "Sun 02:30-10:00",
        expect(*MARCH_DAY, open="7", up="7"),
        seen="2024-03-10 06:59:59.999999 down, 07:00 up",
    ),
    change(
        "a poll at the jump does not count when the opening is wholly inside the gap",
        "America/New_York",
        "Sun 02:15-02:45, Sun 12:00-13:00",
        unknown(*MARCH_DAY, "1"),
        seen="2024-03-10 07:00 up",
    ),
    november(
        "a day of 25 hours",
        "Sun 00:00-23:59",
        # 04:00 UTC to 05:00 UTC on Monday.
        "25",
    ),
    november(
        "opening inside the fold is the earlier", "Sun 01:30-05:00", "4:30"
    ),  # 05:30-10:00 UTC
    november("closing inside the fold is the later", "Sun 00:00-01:30", "2:30"),  # 04:00-06:30 UTC
    november("inside the fold", "Sun 01:15-01:45", "1:30"),  # 05:15-06:45 UTC
    november("opening where the fold begins", "Sun 01:00-05:00", "5"),  # 05:00-10:00 UTC
    november("closing where the fold begins", "Sun 00:00-01:00", "2"),  # 04:00-06:00 UTC
    november("opening where the fold ends", "Sun 02:00-05:00", "3"),  # 07:00-10:00 UTC
    november("closing where the fold ends", "Sun 00:00-02:00", "3"),  # 04:00-07:00 UTC
    november("the whole fold", "Sun 01:00-02:00", "2"),  # 05:00-07:00 UTC
    november("over the fold", "Sun 00:30-02:30", "3"),  # 04:30-07:30 UTC
    november(
        "two intervals that meet inside the fold count once",
        "Sun 00:00-01:30, Sun 01:30-03:00",
        # 04:00-06:30 and 05:30-08:00 UTC.
        "4",
    ),
    november("overnight into the fold", "Sat 22:00-01:30", "4:30"),  # 02:00-06:30 UTC
    november(
        "24 hours that begin inside the fold",
        "Sun 01:30-01:30",
        # 05:30 UTC to Monday 06:30 UTC.
        "25",
    ),
    change(
        "half-way between polls is elapsed time, not wall time",
        "America/New_York",
        "Sun 00:00-06:00",
        # 04:00-11:00 UTC is open. Half-way between 05:00 and 09:00 UTC is 07:00 UTC (02:00 EST).
        expect(*NOVEMBER_DAY, open="7", up="3", down="4"),
        seen="2024-11-03 05:00 up, 09:00 down",
    ),
    change(
        "a change far beyond the tables of the zone files",
        "America/New_York",
        "daily 09:00-17:00",
        # Clocks change on 11 March and 4 November 2040: 13:00-21:00 UTC in summer, else 14-22.
        unknown("2040-07-02 13:00", "2040-07-02 21:00", "8"),
        unknown("2040-11-03 13:00", "2040-11-03 21:00", "8"),
        unknown("2040-11-04 14:00", "2040-11-04 22:00", "8"),
    ),
]
