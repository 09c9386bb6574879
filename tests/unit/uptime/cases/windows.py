"""Where days, weeks and months begin and end, instant by instant."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class WindowCase:
    """One window in one zone; all instants are UTC."""

    why: str
    text: str
    zone: str
    as_of: str
    start: str
    end: str


def case(why: str, text: str, zone: str, as_of: str, start: str, end: str) -> WindowCase:
    return WindowCase(why=why, text=text, zone=zone, as_of=as_of, start=start, end=end)


def past(why: str, text: str, zone: str, start: str, end: str) -> WindowCase:
    """A window that has long ended."""
    return case(why, text, zone, "2025-01-01 00:00", start, end)


NEW_YORK, TUESDAY = "America/New_York", "2024-03-12 15:00"

WINDOWS = [
    # In New York it is Tuesday 12 March 2024, 11:00. Summer time (UTC-4) began on Sunday the 10th.
    case("from midnight to now", "today", NEW_YORK, TUESDAY, "2024-03-12 04:00", TUESDAY),
    case("an ordinary day", "yesterday", NEW_YORK, TUESDAY, "2024-03-11 04:00", "2024-03-12 04:00"),
    # 05:00 to 04:00 UTC.
    case("23 hours", "2024-03-10", NEW_YORK, TUESDAY, "2024-03-10 05:00", "2024-03-11 04:00"),
    past("25 hours", "2024-11-03", NEW_YORK, "2024-11-03 04:00", "2024-11-04 05:00"),
    case("since Monday", "this-week", NEW_YORK, TUESDAY, "2024-03-11 04:00", TUESDAY),
    # Monday 4th to Sunday 10th, which lost an hour: 167 hours.
    case(
        "Monday to Sunday", "last-week", NEW_YORK, TUESDAY, "2024-03-04 05:00", "2024-03-11 04:00"
    ),
    case("since the first", "this-month", NEW_YORK, TUESDAY, "2024-03-01 05:00", TUESDAY),
    case("a leap month", "last-month", NEW_YORK, TUESDAY, "2024-02-01 05:00", "2024-03-01 05:00"),
    case("a given week", "2024-W10", NEW_YORK, TUESDAY, "2024-03-04 05:00", "2024-03-11 04:00"),
    case("a given month, cut", "2024-03", NEW_YORK, TUESDAY, "2024-03-01 05:00", TUESDAY),
    # In Kolkata, five and a half hours ahead, Tuesday became Wednesday at 18:30 UTC.
    case(
        "still Tuesday",
        "today",
        "Asia/Kolkata",
        "2024-03-12 18:29",
        "2024-03-11 18:30",
        "2024-03-12 18:29",
    ),
    case(
        "empty at midnight",
        "today",
        "Asia/Kolkata",
        "2024-03-12 18:30",
        "2024-03-12 18:30",
        "2024-03-12 18:30",
    ),
    case(
        "three quarters",
        "yesterday",
        "Asia/Kathmandu",
        TUESDAY,
        "2024-03-10 18:15",
        "2024-03-11 18:15",
    ),
    # The ISO year 2020 has a week 53: from 28 December to 3 January. UTC has no changes.
    past("across the year", "2020-W53", "UTC", "2020-12-28 00:00", "2021-01-04 00:00"),
    case(
        "of the year before",
        "last-week",
        "UTC",
        "2021-01-05 00:00",
        "2020-12-28 00:00",
        "2021-01-04 00:00",
    ),
    case(
        "December", "last-month", "UTC", "2021-01-05 00:00", "2020-12-01 00:00", "2021-01-01 00:00"
    ),
    # In Santiago clocks went from Saturday 24:00 to Sunday 01:00 on 8 September 2024 (04:00 UTC),
    # so Sunday begins at the jump and has 23 hours. It is 3 h behind UTC afterwards.
    past(
        "midnight is skipped",
        "2024-09-08",
        "America/Santiago",
        "2024-09-08 04:00",
        "2024-09-09 03:00",
    ),
    past(
        "ends at the jump", "2024-09-07", "America/Santiago", "2024-09-07 04:00", "2024-09-08 04:00"
    ),
    # On 6 April 2024 they went from 24:00 back to 23:00 (03:00 UTC on the 7th): Saturday has 25 h.
    past(
        "23:00 comes twice",
        "2024-04-06",
        "America/Santiago",
        "2024-04-06 03:00",
        "2024-04-07 04:00",
    ),
    past(
        "begins after both",
        "2024-04-07",
        "America/Santiago",
        "2024-04-07 04:00",
        "2024-04-08 04:00",
    ),
    # In Beirut clocks went from 00:00 to 01:00 on 31 March 2024 (22:00 UTC on the 30th).
    past(
        "midnight is skipped", "2024-03-31", "Asia/Beirut", "2024-03-30 22:00", "2024-03-31 21:00"
    ),
    # In Havana they went from 01:00 back to 00:00 on 3 November 2024 (05:00 UTC): midnight comes
    # twice, the day begins at the first and has 25 hours, and the day before ends there.
    past(
        "midnight comes twice",
        "2024-11-03",
        "America/Havana",
        "2024-11-03 04:00",
        "2024-11-04 05:00",
    ),
    past(
        "ends at the first", "2024-11-02", "America/Havana", "2024-11-02 04:00", "2024-11-03 04:00"
    ),
    # In St. John's they went from 00:01 back to 23:01 on 2 November 2008 (02:31 UTC). Sunday
    # begins when its date is first shown, at 02:30 UTC; the second 23:01 to 24:00 is its own.
    past(
        "midnight comes twice",
        "2008-11-02",
        "America/St_Johns",
        "2008-11-02 02:30",
        "2008-11-03 03:30",
    ),
    # Samoa had no 30 December 2011: Thursday the 29th ended at 10:00 UTC on the 30th, and
    # Saturday the 31st began there.
    past(
        "a date that was skipped",
        "2011-12-30",
        "Pacific/Apia",
        "2011-12-30 10:00",
        "2011-12-30 10:00",
    ),
    past(
        "after the skipped date",
        "2011-12-31",
        "Pacific/Apia",
        "2011-12-30 10:00",
        "2011-12-31 10:00",
    ),
    case(
        "the day before is the skipped one",
        "yesterday",
        "Pacific/Apia",
        "2011-12-31 00:00",
        "2011-12-30 10:00",
        "2011-12-30 10:00",
    ),
    # From Monday 26th (UTC-10) to Sunday 1 January (UTC+14): six days.
    past("a week of six days", "2011-W52", "Pacific/Apia", "2011-12-26 10:00", "2012-01-01 10:00"),
]
