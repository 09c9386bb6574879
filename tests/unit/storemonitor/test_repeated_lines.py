"""One incident leaves a handful of lines."""

import errno
import logging
import sys

import pytest
from django.db import OperationalError

from storemonitor.configuration.repeated_lines import MOST, MOST_KINDS, SECONDS, Repeats


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def repeats(clock):
    return Repeats(clock)


def written(repeats, message, *args, level=logging.ERROR, error=None, name="a"):
    """Return the record if it is written, else None."""
    told = (type(error), error, None) if error else None
    record = logging.LogRecord(name, level, "p", 1, message, args, told)
    return record if repeats.filter(record) else None


def test_it_counts_what_differs_in_numbers_only_and_says_so_after_a_minute(repeats, clock):
    ids = [f"0b5e32e3-74e5-48e6-9f1f-d76881b661f{digit}" for digit in range(9)]
    lines = [written(repeats, "report %s failed after %d s", each, 3) for each in ids]
    assert [bool(line) for line in lines] == [True] * MOST + [False] * (9 - MOST)

    clock.now = SECONDS
    [told] = [written(repeats, "report %s failed after %d s", ids[0], 4)]
    assert (
        told.getMessage() == f"report {ids[0]} failed after 4 s ({9 - MOST} more like this before)"
    )
    clock.now = 3 * SECONDS
    assert "more like this" not in written(repeats, "report %s failed after 1 s", 1).getMessage()


def test_it_leaves_other_lines_and_information_alone(repeats):
    assert all(written(repeats, "the same", level=logging.INFO) for _ in range(20))
    assert all(written(repeats, f"another {letter}") for letter in "abcdefghij")


def test_it_keeps_the_first_traceback_of_a_bug_and_none_of_an_outage(repeats):
    bugs = [written(repeats, "a bug", error=ValueError("x")) for _ in range(2)]
    assert [bool(line.exc_info) for line in bugs] == [True, False]
    for away in (OperationalError("connection refused"), OSError(errno.ENOSPC, "full")):
        assert written(repeats, f"an outage {away}", error=away).exc_info is None


def test_it_does_not_remember_for_ever(repeats, clock):
    names = ["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(MOST_KINDS)]
    for name in names:
        written(repeats, name)
    clock.now = SECONDS
    written(repeats, "another")
    assert sys.getsizeof(repeats._kinds) < sys.getsizeof(dict.fromkeys(names))


def test_it_writes_every_log_in_that_failed(repeats):
    for number in range(20):
        line = "a log-in as %r from 10.0.0.%d failed"
        assert written(repeats, line, "ann", number, name="access.signals")
