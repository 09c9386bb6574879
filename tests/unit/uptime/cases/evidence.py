"""Rules 1 and 6: which polls count."""

from tests.unit.uptime.notation import Case, expect, polls

EVIDENCE = [
    Case(
        name="only polls at night",
        hours="daily 09:00-17:00",
        polls=polls("2023-01-24 03:00 up, 08:59:59.999999 up, 17:00 up, 17:30 up"),
        as_of="2023-01-24 18:00",
        expected=[expect("2023-01-23 18:00", "2023-01-24 18:00", open="8", unknown="8")],
    ),
    Case(
        name="polls at night do not leak into the day",
        hours="daily 09:00-17:00",
        polls=polls("2023-01-24 08:30 down, 12:00 up, 17:30 down"),
        as_of="2023-01-24 18:00",
        expected=[expect("2023-01-23 18:00", "2023-01-24 18:00", open="8", up="8")],
    ),
    Case(
        name="a poll at the opening counts, a poll at the closing does not",
        hours="daily 09:00-12:00",
        polls=polls("2023-01-24 09:00 up, 12:00 down"),
        as_of="2023-01-24 18:00",
        expected=[expect("2023-01-24 00:00", "2023-01-24 18:00", open="3", up="3")],
    ),
    Case(
        name="a poll in the last microsecond before the closing counts",
        hours="daily 09:00-12:00",
        polls=polls("2023-01-24 09:00 up, 11:59:59.999999 down"),
        as_of="2023-01-24 18:00",
        # Half-way is 10:29:59.9999995, floored.
        expected=[
            expect(
                "2023-01-24 00:00",
                "2023-01-24 18:00",
                open="3",
                up="1:29:59.999999",
                down="1:30:00.000001",
            )
        ],
    ),
    Case(
        name="a poll where one interval ends and the next begins counts",
        hours="daily 09:00-12:00, daily 12:00-15:00",
        polls=polls("2023-01-24 12:00 down"),
        as_of="2023-01-24 18:00",
        expected=[expect("2023-01-24 00:00", "2023-01-24 18:00", open="6", down="6")],
    ),
    Case(
        name="a poll at the very instant of the report counts",
        polls=polls("2023-01-24 10:00 down, 12:00 up"),
        as_of="2023-01-24 12:00",
        # Half-way is 11:00.
        expected=[expect("2023-01-24 10:00", "2023-01-24 12:00", open="2", up="1", down="1")],
    ),
    Case(
        name="a poll a microsecond after the report does not exist",
        polls=polls("2023-01-24 10:00 down, 12:00:00.000001 up"),
        as_of="2023-01-24 12:00",
        expected=[expect("2023-01-24 10:00", "2023-01-24 12:00", open="2", down="2")],
    ),
    Case(
        name="a store first polled after the report has no data",
        polls=polls("2023-01-24 12:30 up, 13:30 up"),
        as_of="2023-01-24 12:00",
        expected=[expect("2023-01-24 11:00", "2023-01-24 12:00", open="1", unknown="1")],
    ),
    Case(
        name="a poll at the instant of the report, which is the closing",
        hours="daily 09:00-12:00",
        polls=polls("2023-01-24 12:00 up"),
        as_of="2023-01-24 12:00",
        expected=[expect("2023-01-24 09:00", "2023-01-24 12:00", open="3", unknown="3")],
    ),
    Case(
        name="a poll at the instant of the report, which is the opening",
        hours="daily 09:00-12:00",
        polls=polls("2023-01-24 09:00 up"),
        as_of="2023-01-24 09:00",
        expected=[
            expect("2023-01-24 08:00", "2023-01-24 09:00", open="0"),
            # Monday 09:00-12:00.
            expect("2023-01-23 09:00", "2023-01-24 09:00", open="3", up="3"),
        ],
    ),
    Case(
        name="a poll after the window and before the report counts",
        polls=polls("2023-01-24 13:00 up"),
        as_of="2023-01-24 18:00",
        expected=[expect("2023-01-24 09:00", "2023-01-24 12:00", open="3", up="3")],
    ),
    Case(
        name="a poll before the window fills into it",
        polls=polls("2023-01-23 22:00 down", "2023-01-24 06:00 up"),
        as_of="2023-01-25 00:00",
        # Half-way is 02:00 of the 24th.
        expected=[expect("2023-01-24 00:00", "2023-01-25 00:00", open="24", up="22", down="2")],
    ),
    Case(
        name="a poll exactly at the look-back counts",
        polls=polls("2023-01-23 00:00 down"),
        as_of="2023-01-25 00:00",
        expected=[expect("2023-01-24 00:00", "2023-01-25 00:00", open="24", down="24")],
    ),
    Case(
        name="a poll a microsecond beyond the look-back does not count",
        polls=polls("2023-01-22 23:59:59.999999 down"),
        as_of="2023-01-25 00:00",
        expected=[expect("2023-01-24 00:00", "2023-01-25 00:00", open="24", unknown="24")],
    ),
    Case(
        name="the longest window sets the look-back of all",
        polls=polls("2023-01-23 00:00 down"),
        as_of="2023-01-25 00:00",
        expected=[
            expect("2023-01-24 23:00", "2023-01-25 00:00", open="1", down="1"),
            expect("2023-01-24 00:00", "2023-01-25 00:00", open="24", down="24"),
            expect("2023-01-24 12:00", "2023-01-24 13:00", open="1", down="1"),
        ],
    ),
    Case(
        name="no look-back at all",
        polls=polls("2023-01-23 23:59:59.999999 down", "2023-01-24 12:00 up"),
        look_back=0,
        as_of="2023-01-25 00:00",
        expected=[expect("2023-01-24 00:00", "2023-01-25 00:00", open="24", up="24")],
    ),
    Case(
        name="the look-back counts business hours like any other time",
        hours="daily 09:00-17:00",
        polls=polls("2023-01-23 08:00 up, 16:00 down"),
        as_of="2023-01-24 12:00",
        # The poll at 08:00 is before the opening; the one at 16:00 is the only evidence.
        expected=[expect("2023-01-24 00:00", "2023-01-24 12:00", open="3", down="3")],
    ),
    Case(
        name="a week with polls on its first day only",
        hours="daily 09:00-17:00",
        polls=polls("2023-01-18 12:00 up"),
        as_of="2023-01-25 00:00",
        expected=[
            expect("2023-01-18 00:00", "2023-01-25 00:00", open="56", up="56"),
            expect("2023-01-24 16:30", "2023-01-24 17:30", open="0:30", up="0:30"),
        ],
    ),
]
