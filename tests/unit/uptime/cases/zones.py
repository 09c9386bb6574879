"""Rule 5 around the world: odd offsets, odd changes, lost and repeated dates."""

from tests.unit.uptime.cases.daylight import change, unknown
from tests.unit.uptime.notation import expect

ZONES = [
    change(
        "London in March: 01:00 becomes 02:00",
        "Europe/London",
        "Sun 01:30-05:00",
        # The jump is at 01:00 UTC; 05:00 BST is 04:00 UTC.
        unknown("2024-03-30 12:00", "2024-03-31 12:00", "3"),
    ),
    change(
        "London in October: 01:00-02:00 happens twice",
        "Europe/London",
        "Sun 01:00-02:00",
        # 01:00 BST is 00:00 UTC; 02:00 GMT is 02:00 UTC.
        unknown("2024-10-26 12:00", "2024-10-27 12:00", "2"),
    ),
    change(
        "London in October: closing at 01:00, which happens twice",
        "Europe/London",
        "Sun 00:00-01:00",
        # 00:00 BST is 23:00 UTC; 01:00 GMT is 01:00 UTC.
        unknown("2024-10-26 12:00", "2024-10-27 12:00", "2"),
    ),
    change(
        "Dublin, whose summer time is its standard time",
        "Europe/Dublin",
        "daily 09:00-17:00",
        unknown("2024-01-10 09:00", "2024-01-10 17:00", "8"),
        unknown("2024-07-10 08:00", "2024-07-10 16:00", "8"),
    ),
    change(
        "Lord Howe in October: half an hour is lost",
        "Australia/Lord_Howe",
        "Sun 02:10-04:00",
        # 02:00 becomes 02:30 at 15:30 UTC on Saturday; 04:00 (UTC+11) is 17:00 UTC.
        unknown("2024-10-05 12:00", "2024-10-06 12:00", "1:30"),
    ),
    change(
        "Lord Howe in April: half an hour happens twice",
        "Australia/Lord_Howe",
        "Sun 01:40-03:00",
        # 01:40 (UTC+11) is 14:40 UTC on Saturday; 03:00 (UTC+10:30) is 16:30 UTC.
        unknown("2024-04-06 12:00", "2024-04-07 12:00", "1:50"),
    ),
    change(
        "Lord Howe in April: a day of 24 and a half hours",
        "Australia/Lord_Howe",
        "Sun 00:00-23:59",
        # Saturday 13:00 UTC to Sunday 13:30 UTC.
        unknown("2024-04-06 12:00", "2024-04-07 14:00", "24:30"),
    ),
    change(
        "Sydney in October: a day of 23 hours",
        "Australia/Sydney",
        "Sun 00:00-23:59",
        # Saturday 14:00 UTC to Sunday 13:00 UTC.
        unknown("2024-10-05 12:00", "2024-10-06 14:00", "23"),
    ),
    change(
        "Sydney in April: 02:00-03:00 happens twice",
        "Australia/Sydney",
        "Sun 02:30-02:45",
        # 02:30 (UTC+11) is 15:30 UTC on Saturday; 02:45 (UTC+10) is 16:45 UTC.
        unknown("2024-04-06 12:00", "2024-04-07 12:00", "1:15"),
    ),
    change(
        "Cairo in April: midnight does not happen, opening",
        "Africa/Cairo",
        "Fri 00:00-02:00",
        # 00:00 becomes 01:00 at 22:00 UTC on Thursday; 02:00 (UTC+3) is 23:00 UTC.
        unknown("2024-04-25 12:00", "2024-04-26 12:00", "1"),
    ),
    change(
        "Cairo in April: midnight does not happen, closing",
        "Africa/Cairo",
        "Thu 20:00-23:59",
        # 18:00-22:00 UTC.
        unknown("2024-04-25 12:00", "2024-04-26 12:00", "4"),
    ),
    change(
        "Cairo in October: the hour before midnight happens twice",
        "Africa/Cairo",
        "Thu 20:00-23:30, Fri 00:00-01:00",
        # 20:00 (UTC+3) is 17:00 UTC, 23:30 (UTC+2) is 21:30 UTC; then 22:00-23:00 UTC.
        unknown("2024-10-31 12:00", "2024-11-01 12:00", "5:30"),
    ),
    change(
        "Beirut in March: the hour after midnight is lost",
        "Asia/Beirut",
        "Sun 00:30-08:00",
        # The jump is at 22:00 UTC on Saturday; 08:00 (UTC+3) is 05:00 UTC.
        unknown("2024-03-30 12:00", "2024-03-31 12:00", "7"),
    ),
    change(
        "Beirut in October: the day of the change has 25 hours",
        "Asia/Beirut",
        "Sat 00:00-23:59",
        # Friday 21:00 UTC to Saturday 22:00 UTC.
        unknown("2024-10-25 12:00", "2024-10-27 12:00", "25"),
    ),
    change(
        "Havana in November: midnight happens twice, closing",
        "America/Havana",
        "Sat 20:00-23:59",
        # 20:00 (UTC-4) is 00:00 UTC; the later midnight (UTC-5) is 05:00 UTC.
        unknown("2024-11-02 12:00", "2024-11-03 12:00", "5"),
    ),
    change(
        "Havana in November: midnight happens twice, opening",
        "America/Havana",
        "Sun 00:00-02:00",
        # The earlier midnight (UTC-4) is 04:00 UTC; 02:00 (UTC-5) is 07:00 UTC.
        unknown("2024-11-02 12:00", "2024-11-03 12:00", "3"),
    ),
    change(
        "Casablanca in Ramadan: back in March",
        "Africa/Casablanca",
        "Sun 02:30-04:00",
        # 02:30 (UTC+1) is 01:30 UTC; 04:00 (UTC+0) is 04:00 UTC.
        unknown("2024-03-09 12:00", "2024-03-10 12:00", "2:30"),
    ),
    change(
        "Kolkata, five and a half hours ahead",
        "Asia/Kolkata",
        "daily 09:00-17:00",
        unknown("2023-01-24 03:30", "2023-01-24 11:30", "8"),
        unknown("2023-01-24 11:30", "2023-01-25 03:30", "0"),
    ),
    change(
        "Kathmandu, five and three quarter hours ahead",
        "Asia/Kathmandu",
        "daily 09:00-17:00",
        unknown("2023-01-24 03:15", "2023-01-24 11:15", "8"),
        unknown("2023-01-24 11:15", "2023-01-25 03:15", "0"),
    ),
    change(
        "St John's, three and a half hours behind",
        "America/St_Johns",
        "daily 09:00-17:00",
        # 12:30-20:30 UTC in winter, 11:30-19:30 UTC from 10 March 2024.
        unknown("2024-03-09 12:30", "2024-03-09 20:30", "8"),
        unknown("2024-03-10 11:30", "2024-03-10 19:30", "8"),
    ),
    change(
        "Chatham, 45 minutes off, in a day of 25 hours",
        "Pacific/Chatham",
        "Sun 00:00-23:59",
        # Saturday 10:15 UTC (UTC+13:45) to Sunday 11:15 UTC (UTC+12:45).
        unknown("2024-04-06 10:00", "2024-04-07 12:00", "25"),
    ),
    change(
        "Kiritimati, fourteen hours ahead",
        "Pacific/Kiritimati",
        "Mon 00:00-23:59",
        # Sunday 10:00 UTC to Monday 10:00 UTC.
        unknown("2023-01-22 10:00", "2023-01-23 10:00", "24"),
        unknown("2023-01-23 10:00", "2023-01-24 10:00", "0"),
    ),
    change(
        "Apia skipped Friday 30 December 2011",
        "Pacific/Apia",
        "daily 09:00-17:00",
        # Thursday 00:00 (UTC-10) to Sunday 00:00 (UTC+14) took 48 h: Thursday and Saturday.
        unknown("2011-12-29 10:00", "2011-12-31 10:00", "16"),
    ),
    change(
        "Apia: Friday's hours did not happen",
        "Pacific/Apia",
        "Fri 09:00-17:00",
        unknown("2011-12-29 10:00", "2011-12-31 10:00", "0"),
    ),
    change(
        "Apia: a night into the skipped date and a night out of it",
        "Pacific/Apia",
        "Thu 22:00-06:00, Fri 22:00-02:00",
        # The jump is at 10:00 UTC on the 30th. 22:00 (UTC-10) is 08:00 UTC, to the jump;
        # from the jump to 02:00 (UTC+14), 12:00 UTC. The two touch.
        unknown("2011-12-29 10:00", "2011-12-31 10:00", "4"),
    ),
    change(
        "Apia: half-way between polls on both sides of the skipped date",
        "Pacific/Apia",
        "",
        expect("2011-12-30 09:00", "2011-12-30 11:00", open="2", up="1", down="1"),
        seen="2011-12-30 09:00 up, 11:00 down",
    ),
    change(
        "Kwajalein skipped Saturday 21 August 1993",
        "Pacific/Kwajalein",
        "Sat 00:00-23:59",
        unknown("1993-08-20 12:00", "1993-08-22 12:00", "0"),
    ),
    change(
        "Kwajalein had Tuesday 30 September 1969 twice",
        "Pacific/Kwajalein",
        "Tue 09:00-17:00",
        # The earlier 09:00 (UTC+11) is 22:00 UTC on the 29th; the later 17:00 (UTC-12) is
        # 05:00 UTC on 1 October.
        unknown("1969-09-29 00:00", "1969-10-02 00:00", "31"),
    ),
    change(
        "Enderbury skipped Saturday 31 December 1994",
        "Pacific/Enderbury",
        "daily 09:00-17:00",
        # Friday 00:00 (UTC-11) to Monday 00:00 (UTC+13) took 48 h: Friday and Sunday.
        unknown("1994-12-30 11:00", "1995-01-01 11:00", "16"),
    ),
]
