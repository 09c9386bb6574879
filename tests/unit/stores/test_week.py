from datetime import time

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from stores.week import ALWAYS, DAY, WEEK, weekly_openings

HOUR = DAY // 24
MINUTE = HOUR // 60
NINE, FIVE = time(9), time(17)


@pytest.mark.parametrize(
    ("rows", "openings"),
    [
        ([(0, NINE, FIVE)], [(9 * HOUR, 17 * HOUR)]),
        ([(0, NINE, FIVE), (0, time(12), time(20))], [(9 * HOUR, 20 * HOUR)]),
        ([(0, NINE, FIVE), (0, FIVE, time(20))], [(9 * HOUR, 20 * HOUR)]),
        ([(0, time(20), time(2))], [(20 * HOUR, 26 * HOUR)]),
        ([(6, time(20), time(2))], [(6 * DAY + 20 * HOUR, WEEK + 2 * HOUR)]),
        (
            [(0, time(0), time(3)), (6, time(20), time(23, 59))],
            [(6 * DAY + 20 * HOUR, WEEK + 3 * HOUR)],
        ),
        ([(2, time(8), time(8))], [(2 * DAY + 8 * HOUR, 3 * DAY + 8 * HOUR)]),
        ([(0, time(0), time(0))], [(0, DAY)]),
        ([(0, NINE, time(23, 58, 59))], [(9 * HOUR, DAY - 61_000_000)]),
        ([(0, NINE, time(23, 59, 59, 999999))], [(9 * HOUR, DAY)]),
    ],
)
def test_it_merges_the_openings_of_a_week(rows, openings):
    assert list(weekly_openings(rows)) == openings


@pytest.mark.parametrize("rows", [[], [(day, time(0), time(23, 59)) for day in range(7)]])
def test_it_is_always_open_without_hours_and_with_all_of_them(rows):
    assert weekly_openings(rows) == ALWAYS


times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
week_rows = st.lists(st.tuples(st.integers(0, 6), times, times), min_size=1, max_size=8)


@given(week_rows)
@example([(day, time(1), time(0, 45)) for day in range(7)])
@example([(day, time(0, 30), time(0, 30)) for day in range(6)])
def test_it_is_open_in_every_quarter_of_an_hour_in_which_a_row_is(rows):
    quarter = 15 * MINUTE

    def opened(intervals):
        places = (range(a // quarter, b // quarter) for a, b in intervals)
        return {place % (WEEK // quarter) for each in places for place in each}

    def minutes(at):
        return at.hour * HOUR + at.minute * MINUTE

    said = (
        (
            day * DAY + minutes(opens),
            day * DAY + minutes(closes) + (DAY if closes <= opens else 0),
        )
        for day, opens, closes in rows
    )
    openings = weekly_openings(rows)
    assert opened(openings) == opened(said)
    assert sum(closes - opens for opens, closes in openings) == quarter * len(opened(openings))
    assert openings == tuple(sorted(openings))
    assert all(0 <= opens < WEEK and opens < closes for opens, closes in openings)
