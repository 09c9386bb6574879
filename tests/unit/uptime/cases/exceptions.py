"""Rules 20 and 21: special days and exclusions. Monday is 23 January 2023."""

from tests.unit.uptime.notation import Case, expect, polls

MONDAY = ("2023-01-23 00:00", "2023-01-24 00:00")
TUESDAY = ("2023-01-24 00:00", "2023-01-25 00:00")
WEEK = ("2023-01-23 00:00", "2023-01-30 00:00")
UP = polls("2023-01-24 10:00 up")
UP_ON_WEDNESDAY = polls("2023-01-25 12:00 up")
TWO = polls("2023-01-24 10:14 up, 11:15 down")
MORNING = ("2023-01-24 09:00", "2023-01-24 12:00")


def case(name: str, *expected, as_of: str = "2023-01-30 00:00", **given) -> Case:
    return Case(name=name, as_of=as_of, expected=list(expected), **given)


SPECIAL_DAYS = [
    case(
        "a special day replaces the hours of its date",
        expect(*TUESDAY, open="2", up="2"),
        expect(*MONDAY, open="8", up="8"),
        hours="Mon-Tue 09:00-17:00",
        special_days="2023-01-24 10:00-12:00",
        polls=UP,
    ),
    case(
        "a special day can be closed",
        expect(*TUESDAY, open="0"),
        expect(*WEEK, open="8", unknown="8"),
        hours="Mon-Tue 09:00-17:00",
        special_days="2023-01-24 closed",
        polls=UP,
    ),
    case(
        "the same weekday of other weeks stays as it is",
        expect("2023-01-30 00:00", "2023-01-31 00:00", open="8", unknown="8"),
        expect(*MONDAY, open="0"),
        hours="Mon 09:00-17:00",
        special_days="2023-01-23 closed",
        as_of="2023-01-31 00:00",
    ),
    case(
        "two rows are two openings, and a closed row beside them says nothing",
        expect(*TUESDAY, open="3", up="3"),
        hours="Tue 09:00-17:00",
        special_days="2023-01-24 10:00-12:00, 2023-01-24 closed, 2023-01-24 16:00-17:00",
        polls=UP,
    ),
    case(
        "the opening of the evening before keeps its night",
        # To Tuesday 02:00, and from Sunday's to Monday 02:00.
        expect(*TUESDAY, open="2", unknown="2"),
        expect(*MONDAY, open="4", unknown="4"),
        hours="daily 22:00-02:00",
        special_days="2023-01-24 closed",
    ),
    case(
        "special hours last into the next date, and merge with its own",
        # Tuesday 20:00 to Wednesday 12:00.
        expect("2023-01-24 12:00", "2023-01-25 18:00", open="16", unknown="16"),
        hours="Tue-Wed 06:00-12:00",
        special_days="2023-01-24 20:00-08:00",
    ),
    case(
        "equal times are 24 hours on a special day too",
        expect("2023-01-24 00:00", "2023-01-26 00:00", open="24", unknown="24"),
        hours="Mon 09:00-17:00",
        special_days="2023-01-24 06:00-06:00",
    ),
    case(
        "23:59 is midnight on a special day too",
        expect(*TUESDAY, open="4", unknown="4"),
        hours="Mon 09:00-17:00",
        special_days="2023-01-24 20:00-23:59",
    ),
    case(
        "a store that is always open loses exactly the date",
        expect(*WEEK, open="144", up="144"),
        expect(
            "2023-01-23 23:59:59.999999",
            "2023-01-25 00:00",
            open="0:00:00.000001",
            up="0:00:00.000001",
        ),
        expect(
            "2023-01-24 00:00",
            "2023-01-25 00:00:00.000001",
            open="0:00:00.000001",
            up="0:00:00.000001",
        ),
        special_days="2023-01-24 closed",
        polls=UP_ON_WEDNESDAY,
    ),
    case(
        "a store that is always open can have special hours",
        expect(*TUESDAY, open="2", up="2"),
        special_days="2023-01-24 10:00-12:00",
        polls=UP,
    ),
    case(
        "two closed dates in a row",
        expect(*WEEK, open="120", up="120"),
        special_days="2023-01-26 closed, 2023-01-27 closed",
        polls=UP,
    ),
    case(
        "the date is that of the store's zone",
        # 24 January in Tokyo is from Monday 15:00 to Tuesday 15:00 UTC.
        expect(*MONDAY, open="15", unknown="15"),
        expect(*TUESDAY, open="9", unknown="9"),
        zone="Asia/Tokyo",
        special_days="2023-01-24 closed",
    ),
    case(
        "a closed date of 25 hours",
        # New York, 3 November 2024: 04:00 UTC to 05:00 UTC of the next day.
        expect("2024-11-03 00:00", "2024-11-04 12:00", open="11", unknown="11"),
        zone="America/New_York",
        special_days="2024-11-03 closed",
        as_of="2024-11-05 00:00",
    ),
    case(
        "a closed date whose midnight happens twice is closed from the first",
        # Havana, 3 November 2024: 00:00 is 04:00 UTC and again 05:00 UTC.
        expect("2024-11-03 03:00", "2024-11-03 06:00", open="1", unknown="1"),
        zone="America/Havana",
        special_days="2024-11-03 closed",
        as_of="2024-11-05 00:00",
    ),
    case(
        "special hours whose opening never happens begin at the jump",
        # New York, 10 March 2024: 02:30 does not exist, 03:00 is 07:00 UTC.
        expect("2024-03-10 00:00", "2024-03-10 12:00", open="2", unknown="2"),
        zone="America/New_York",
        hours="Mon 09:00-17:00",
        special_days="2024-03-10 02:30-05:00",
        as_of="2024-03-11 00:00",
    ),
    case(
        "a date that the zone skips",
        # Apia has no 30 December 2011.
        expect("2011-12-29 12:00", "2011-12-31 12:00", open="48", unknown="48"),
        zone="Pacific/Apia",
        special_days="2011-12-30 closed",
        as_of="2012-01-01 00:00",
    ),
    case(
        "a poll in hours that a special day takes away is no evidence",
        expect(*MONDAY, open="8", up="8"),
        hours="Mon-Tue 09:00-17:00",
        special_days="2023-01-24 closed",
        polls=polls("2023-01-23 10:00 up", "2023-01-24 10:00 down"),
    ),
]

EXCLUSIONS = [
    case(
        "excluded time leaves both sides",
        expect(*MORNING, open="3", up="1:30", down="1", excluded="0:30"),
        hours="Tue 09:00-12:00",
        exclusions="2023-01-24 10:30 to 2023-01-24 11:00",
        polls=TWO,
    ),
    case(
        "a poll at the start of an exclusion does not count, one at its end does",
        expect(*MORNING, open="3", down="1:59", excluded="1:01"),
        hours="Tue 09:00-12:00",
        exclusions="2023-01-24 10:14 to 2023-01-24 11:15",
        polls=TWO,
    ),
    case(
        "overlapping, touching and equal exclusions count once",
        expect(*MORNING, open="3", unknown="0:30", excluded="2:30"),
        hours="Tue 09:00-12:00",
        exclusions="2023-01-24 09:30 to 2023-01-24 11:00, 2023-01-24 10:30 to 2023-01-24 11:30,"
        "2023-01-24 11:30 to 2023-01-24 13:00, 2023-01-24 09:30 to 2023-01-24 11:00",
        polls=TWO,
    ),
    case(
        "nothing is left",
        expect(*MORNING, open="3", excluded="3"),
        hours="Tue 09:00-12:00",
        exclusions="2023-01-24 00:00 to 2023-01-25 00:00",
        polls=TWO,
    ),
    case(
        "closed time in an exclusion stays closed",
        expect(*TUESDAY, open="3", unknown="2", excluded="1"),
        hours="Tue 09:00-12:00",
        exclusions="2023-01-23 12:00 to 2023-01-24 10:00",
    ),
    case(
        "an empty exclusion excludes nothing, nor the poll in its place",
        expect(*MORNING, open="3", up="1:44:30", down="1:15:30"),
        hours="Tue 09:00-12:00",
        exclusions="2023-01-24 10:14 to 2023-01-24 10:14",
        polls=TWO,
    ),
    case(
        "filling crosses an exclusion by elapsed time",
        # Half-way between 09:00 and 11:30 is 10:15, so a quarter of an hour after it is down.
        expect(*MORNING, open="3", up="1", down="1:45", excluded="0:15"),
        hours="Tue 09:00-12:00",
        exclusions="2023-01-24 10:00 to 2023-01-24 10:15",
        polls=polls("2023-01-24 09:00 up, 11:30 down"),
    ),
    case(
        "a limit is measured across an exclusion",
        # Known from 09:44 to 10:44 and from 10:45; 10:30 to 10:50 is excluded.
        expect(*MORNING, open="3", up="0:46", down="0:55", unknown="0:59", excluded="0:20"),
        hours="Tue 09:00-12:00",
        exclusions="2023-01-24 10:30 to 2023-01-24 10:50",
        polls=TWO,
        max_gap="0:30",
    ),
    case(
        "time that is excluded and silent is excluded",
        expect(*MORNING, open="3", up="1", down="0:30", unknown="0:30", excluded="1"),
        hours="Tue 09:00-12:00",
        exclusions="2023-01-24 10:30 to 2023-01-24 11:30",
        silences="2023-01-24 10:00 to 2023-01-24 11:00",
        polls=polls("2023-01-24 09:30 up, 11:45 down"),
    ),
    case(
        "special hours can be excluded",
        expect(*TUESDAY, open="4", up="3", excluded="1"),
        hours="Tue 09:00-17:00",
        special_days="2023-01-24 10:00-14:00",
        exclusions="2023-01-24 13:00 to 2023-01-24 16:00",
        polls=UP,
    ),
]
