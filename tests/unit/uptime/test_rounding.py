"""Decimals rounded half up, from whole microseconds."""

import re
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from uptime import HOUR, MINUTE
from uptime.printing.rounding import hundredths

WEEK = 168 * HOUR


def half_up(microseconds, unit):
    exact = Decimal(microseconds) / Decimal(unit)
    return str(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))


@given(st.lists(st.integers(0, WEEK), max_size=20), st.sampled_from([MINUTE, HOUR]))
@example([0, 1, HOUR, WEEK, WEEK - 1], HOUR)
@example([18_000_000, 17_999_999, 18_000_001, 54_000_000], HOUR)  # Halves of a hundredth.
@example([300_000, 299_999, 300_001, 900_000], MINUTE)
def test_it_rounds_half_up_exactly(times, unit):
    texts = hundredths(np.array(times, np.int64), unit).tolist()

    assert texts == [half_up(time, unit) for time in times]


@given(st.integers(0, WEEK // HOUR * 100), st.integers(-2, 2), st.sampled_from([MINUTE, HOUR]))
def test_it_rounds_half_up_around_every_half(number, distance, unit):
    time = max(number * unit // 100 + unit // 200 + distance, 0)

    assert hundredths(np.array([time]), unit).tolist() == [half_up(time, unit)]


@given(st.lists(st.integers(0, WEEK), min_size=1, max_size=5), st.sampled_from([MINUTE, HOUR]))
def test_it_never_prints_signs_exponents_or_words(times, unit):
    for text in hundredths(np.array(times), unit):
        assert re.fullmatch(r"\d+\.\d\d", text)
