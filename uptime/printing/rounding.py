"""Whole numbers to text (rules 12 and 13): the only place where a number is rounded."""

import numpy as np
from numpy.typing import NDArray

NOT_AVAILABLE = "n/a"


# Python's integers in an object array stand for sums, which may need more than 63 bits.
Times = NDArray[np.int64] | NDArray[np.object_]


def hundredths(microseconds: Times, unit: int) -> NDArray[np.object_]:
    """Return the times in ``unit`` with two decimals, rounded half up: text, object[n].

    ``unit`` is in microseconds and even; no time is negative.
    """
    return _with_two_decimals((microseconds * 100 + unit // 2) // unit)


def percentage(part: Times, whole: Times) -> NDArray[np.object_]:
    """Return the percentages with two decimals, never rounded up: text, object[n].

    If ``whole`` is 0 the result is "n/a". ``part`` is not negative and not more than ``whole``,
    which is less than 29 years unless it is an object array.
    """
    texts = _with_two_decimals(part * 10_000 // np.maximum(whole, 1))
    texts[whole == 0] = NOT_AVAILABLE
    return texts


def _with_two_decimals(hundredths: Times) -> NDArray[np.object_]:
    """Return the texts; equal numbers, which are frequent, are formatted once."""
    numbers, place = np.unique(hundredths, return_inverse=True)
    texts = [f"{number // 100}.{number % 100:02d}" for number in numbers.tolist()]
    return np.array(texts, dtype=object)[place]
