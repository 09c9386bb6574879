"""Rules 7 and 8: how polls fill open time, and what stays unknown."""

from tests.unit.uptime.notation import Case, expect, polls

EVERY_HOUR_BUT_FIVE = polls(
    "2023-01-24 06:00 up, 07:00 up, 08:00 up", "2023-01-24 13:00 up, 14:00 up, 15:00 up"
)

FILLING = [
    Case(
        name="the mission's example",
        hours="daily 09:00-12:00",
        polls=polls("2023-01-24 10:14 up, 11:15 down"),
        as_of="2023-01-24 12:00",
        expected=[
            # Half-way is 10:44:30. Up 09:00-10:44:30, down 10:44:30-12:00.
            expect("2023-01-24 09:00", "2023-01-24 12:00", open="3", up="1:44:30", down="1:15:30"),
            # The instant half-way is the second poll's: the hour before it is all up,
            expect("2023-01-24 09:44:30", "2023-01-24 10:44:30", open="1", up="1"),
            # and the hour from it on is all down.
            expect("2023-01-24 10:44:30", "2023-01-24 11:44:30", open="1", down="1"),
        ],
    ),
    Case(
        name="one poll speaks for the whole interval",
        hours="daily 09:00-17:00",
        polls=polls("2023-01-24 12:00 down"),
        as_of="2023-01-24 18:00",
        # Tuesday 09:00-17:00, and Monday 18:00-24:00 is closed.
        expected=[expect("2023-01-23 18:00", "2023-01-24 18:00", open="8", down="8")],
    ),
    Case(
        name="one poll speaks for the days before it too",
        hours="daily 09:00-17:00",
        polls=polls("2023-01-24 12:00 up"),
        as_of="2023-01-24 18:00",
        # Seven openings of 8 h from Wednesday 18th to Tuesday 24th.
        expected=[expect("2023-01-17 18:00", "2023-01-24 18:00", open="56", up="56")],
    ),
    Case(
        name="no polls",
        hours="daily 09:00-17:00",
        as_of="2023-01-24 18:00",
        expected=[expect("2023-01-23 18:00", "2023-01-24 18:00", open="8", unknown="8")],
    ),
    Case(
        name="a store that is always open and was never polled",
        as_of="2023-01-24 18:00",
        expected=[expect("2023-01-23 18:00", "2023-01-24 18:00", open="24", unknown="24")],
    ),
    Case(
        name="half-way lies in closed time",
        hours="daily 09:00-12:00, daily 14:00-17:00",
        polls=polls("2023-01-24 10:00 up, 15:00 down"),
        as_of="2023-01-24 18:00",
        # Half-way is 12:30. Up 09:00-12:00, down 14:00-17:00.
        expected=[expect("2023-01-24 09:00", "2023-01-24 17:00", open="6", up="3", down="3")],
    ),
    Case(
        name="nearest counts elapsed time, closed time included",
        hours="daily 09:00-12:00, daily 14:00-17:00",
        polls=polls("2023-01-24 09:30 up, 14:10 down"),
        as_of="2023-01-24 18:00",
        # Half-way is 11:50. Up 09:00-11:50, down 11:50-12:00 and 14:00-17:00.
        expected=[expect("2023-01-24 09:00", "2023-01-24 17:00", open="6", up="2:50", down="3:10")],
    ),
    Case(
        name="polls in any order",
        polls=polls("2023-01-24 11:00 up, 08:00 up, 10:00 down, 09:00 down"),
        as_of="2023-01-24 12:00",
        # Down from half-way 08:00/09:00 to half-way 10:00/11:00: 08:30-10:30.
        expected=[expect("2023-01-24 08:00", "2023-01-24 12:00", open="4", up="2", down="2")],
    ),
    Case(
        name="an outage over midnight is one outage",
        zone="America/Chicago",
        polls=polls("2023-01-24 04:30 up, 05:30 down, 06:30 down, 07:30 up"),
        as_of="2023-01-24 12:00",
        # Local midnight is 06:00 UTC. Down 05:00-07:00.
        expected=[
            expect("2023-01-24 04:00", "2023-01-24 08:00", open="4", up="2", down="2"),
            expect("2023-01-24 04:00", "2023-01-24 06:00", open="2", up="1", down="1"),
            expect("2023-01-24 06:00", "2023-01-24 08:00", open="2", up="1", down="1"),
        ],
    ),
    Case(
        name="an outage longer than the window fills no more than the window",
        polls=polls("2023-01-23 18:00 down", "2023-01-24 00:00 down, 06:00 down, 11:59 down"),
        as_of="2023-01-24 12:00",
        expected=[
            expect("2023-01-24 11:00", "2023-01-24 12:00", open="1", down="1"),
            expect("2023-01-23 12:00", "2023-01-24 12:00", open="24", down="24"),
        ],
    ),
    Case(
        name="half-way between two polls three microseconds apart is floored",
        polls=polls("2023-01-24 11:00:00.000000 up, 11:00:00.000003 down"),
        as_of="2023-01-24 12:00",
        # Half-way is 1.5, floored to 1. Up [0, 1), down [1, 3).
        expected=[
            expect(
                "2023-01-24 11:00",
                "2023-01-24 11:00:00.000003",
                open="0:00:00.000003",
                up="0:00:00.000001",
                down="0:00:00.000002",
            )
        ],
    ),
    Case(
        name="two polls one microsecond apart",
        polls=polls("2023-01-24 11:00:00.000000 up, 11:00:00.000001 down"),
        as_of="2023-01-24 12:00",
        # Half-way is 0.5, floored to 0: the later poll has the instant of the earlier one.
        expected=[
            expect("2023-01-24 10:00", "2023-01-24 11:00", open="1", up="1"),
            expect("2023-01-24 11:00", "2023-01-24 12:00", open="1", down="1"),
        ],
    ),
    Case(
        name="floored means earlier before 1970 too",
        polls=polls("1969-12-31 23:59:59.999998 up", "1970-01-01 00:00:00.000001 down"),
        as_of="1970-01-01 00:00:00.000001",
        # The polls are at -2 and 1; half-way is -0.5, floored to -1. Up [-2, -1), down [-1, 1).
        expected=[
            expect(
                "1969-12-31 23:59:59.999998",
                "1970-01-01 00:00:00.000001",
                open="0:00:00.000003",
                up="0:00:00.000001",
                down="0:00:00.000002",
            )
        ],
    ),
    Case(
        name="nobody polled for five hours, no limit",
        polls=EVERY_HOUR_BUT_FIVE,
        as_of="2023-01-24 15:00",
        expected=[expect("2023-01-24 06:00", "2023-01-24 15:00", open="9", up="9")],
    ),
    Case(
        name="nobody polled for five hours, a limit of one hour",
        polls=EVERY_HOUR_BUT_FIVE,
        max_gap="1:00",
        as_of="2023-01-24 15:00",
        # Known 06:00-09:00 and 12:00-15:00, unknown 09:00-12:00.
        expected=[expect("2023-01-24 06:00", "2023-01-24 15:00", open="9", up="6", unknown="3")],
    ),
    Case(
        name="a limit of exactly half the distance leaves nothing unknown",
        polls=polls("2023-01-24 08:00 up, 10:00 down"),
        max_gap="1:00",
        as_of="2023-01-24 10:00",
        # Half-way is 09:00.
        expected=[expect("2023-01-24 08:00", "2023-01-24 10:00", open="2", up="1", down="1")],
    ),
    Case(
        name="a limit of nothing leaves nothing known",
        polls=polls("2023-01-24 08:00 up, 10:00 down"),
        max_gap="0",
        as_of="2023-01-24 10:00",
        expected=[expect("2023-01-24 08:00", "2023-01-24 10:00", open="2", unknown="2")],
    ),
    Case(
        name="the limit counts elapsed time, closed time included",
        hours="daily 09:00-12:00, daily 14:00-17:00",
        polls=polls("2023-01-24 11:30 up"),
        max_gap="3:00",
        as_of="2023-01-24 18:00",
        # Known 08:30-14:30, of which 09:00-12:00 and 14:00-14:30 are open; unknown 14:30-17:00.
        expected=[
            expect("2023-01-24 00:00", "2023-01-24 18:00", open="6", up="3:30", unknown="2:30")
        ],
    ),
    Case(
        name="a limit that reaches from before the window",
        polls=polls("2023-01-24 09:45 down"),
        max_gap="0:30",
        as_of="2023-01-24 12:00",
        # Known 09:15-10:15.
        expected=[
            expect("2023-01-24 10:00", "2023-01-24 11:00", open="1", down="0:15", unknown="0:45"),
            expect("2023-01-24 11:00", "2023-01-24 12:00", open="1", unknown="1"),
        ],
    ),
    Case(
        name="a limit of two microseconds between polls five apart",
        polls=polls("2023-01-24 11:00:00.000000 up, 11:00:00.000005 down"),
        max_gap="0:00:00.000002",
        as_of="2023-01-24 12:00",
        # Up [0, 2), unknown [2, 3), down [3, 5).
        expected=[
            expect(
                "2023-01-24 11:00",
                "2023-01-24 11:00:00.000005",
                open="0:00:00.000005",
                up="0:00:00.000002",
                unknown="0:00:00.000001",
                down="0:00:00.000002",
            )
        ],
    ),
    Case(
        name="a limit of two microseconds between polls three apart",
        polls=polls("2023-01-24 11:00:00.000000 up, 11:00:00.000003 down"),
        max_gap="0:00:00.000002",
        as_of="2023-01-24 12:00",
        # Both reach half-way, floored to 1. Up [0, 1), down [1, 3).
        expected=[
            expect(
                "2023-01-24 11:00",
                "2023-01-24 11:00:00.000003",
                open="0:00:00.000003",
                up="0:00:00.000001",
                down="0:00:00.000002",
            )
        ],
    ),
]
