"""The report as CSV: the exact header, decimals rounded half up, ids that need quoting."""

import csv
import io
import re
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.uptime import HOUR, MINUTE, UptimeSummary, classic_windows, print_report, printing
from reports.uptime.formulas import DEFUSED, defused
from reports.uptime.rounding import hundredths

HEADER = (
    b"store_id,uptime_last_hour(in minutes),uptime_last_day(in hours),uptime_last_week(in hours),"
    b"downtime_last_hour(in minutes),downtime_last_day(in hours),downtime_last_week(in hours)\n"
)
WEEK = 168 * HOUR


def summary(up, down):
    """A summary of what ``up`` and ``down`` say, windows x stores."""
    up, down = (np.array(side, np.int64).reshape(3, -1) for side in (up, down))
    return UptimeSummary(
        windows=classic_windows(0), up=up, down=down, unknown=up * 0, open=up + down
    )


def printed(store_ids, up, down):
    return b"".join(print_report(store_ids, summary(up, down)))


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


def test_it_prints_the_columns_of_the_rules_in_minutes_and_hours():
    text = printed(
        ["a", "b"],
        up=[[30 * MINUTE, 0], [12 * HOUR, 0], [100 * HOUR, WEEK]],
        down=[[30 * MINUTE, 1], [12 * HOUR, 18_000_000], [68 * HOUR, 0]],
    )

    assert text == (
        HEADER + b"a,30.00,12.00,100.00,30.00,12.00,68.00\nb,0.00,0.00,168.00,0.00,0.01,0.00\n"
    )


def test_it_prints_the_header_alone_where_there_is_no_store():
    assert printed([], [[]] * 3, [[]] * 3) == HEADER


AWKWARD = [
    "1,2",
    'say "open"',
    "nan",
    "NaN",
    "None",
    "NA",
    "<NA>",
    "null",
    "0012",
    "1e5",
    "-0",
    "3.50",
    "8139926242460185114",
    "True",
    "'quoted'",
    "#1",
    "a;b",
    "inner space",
    "Café Zoë",
    "店",
    "🍕",
]


def test_it_prints_ids_so_that_a_csv_reader_gets_them_back():
    zeros = [[0] * len(AWKWARD)] * 3

    rows = list(csv.reader(io.StringIO(printed(AWKWARD, zeros, zeros).decode())))

    assert [re.sub(DEFUSED, r"\1", row[0]) for row in rows[1:]] == AWKWARD
    assert {len(row) for row in rows} == {7}


FORMULAS = ["=1+1", "+1", "-12", "@SUM(A1)", "\tx", "'=1", "'", "''", "="]


def test_it_keeps_spreadsheets_from_running_an_id():
    zeros = [[0] * len(FORMULAS)] * 3

    rows = list(csv.reader(io.StringIO(printed(FORMULAS, zeros, zeros).decode(), newline="")))

    assert [row[0] for row in rows[1:]] == [f"'{store_id}" for store_id in FORMULAS]


@given(st.lists(st.text("=+-@\t\r\n'a1 ", max_size=4)))
def test_what_it_did_to_an_id_can_be_undone(ids):
    assert [re.sub(DEFUSED, r"\1", text) for text in defused(ids)] == ids
    assert not any(text.startswith(tuple("=+-@\t\r\n")) for text in defused(ids))


def test_it_leaves_all_other_ids_as_they_are():
    ordinary = ["8419537941919820732", "a=b", "1-2", "store 'x'", "", " -1", "#1", '"=1"']
    assert defused(ordinary) == ordinary


def test_it_quotes_only_ids_that_need_it():
    text = printed(["plain", "1,2", 'a"b'], [[0] * 3] * 3, [[0] * 3] * 3)

    assert [line.rsplit(b",", 6)[0] for line in text.splitlines()[1:]] == [
        b"plain",
        b'"1,2"',
        b'"a""b"',
    ]


@pytest.mark.parametrize("stores", [1, 2, 3, 4, 5, 6, 7])
def test_it_prints_the_same_bytes_in_pieces(monkeypatch, stores):
    ids = [f"store {number}" for number in range(stores)]
    times = np.arange(3 * stores).reshape(3, stores) * 7 * MINUTE
    whole = printed(ids, times, times)

    monkeypatch.setattr(printing, "_STORES_AT_ONCE", 3)
    pieces = list(print_report(ids, summary(times, times)))

    assert b"".join(pieces) == whole
    assert len(pieces) == -(-stores // 3)
