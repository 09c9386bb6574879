"""The report as CSV: the exact header, every column, ids that need quoting."""

import csv
import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptime import (
    DEFAULT_WINDOWS,
    HOUR,
    MINUTE,
    Quality,
    UptimeSummary,
    columns,
    parse_windows,
    print_report,
)
from uptime.printing.formulas import DEFUSED, defused

HEADER = (
    b"store_id,uptime_last_hour(in minutes),uptime_last_day(in hours),uptime_last_week(in hours),"
    b"downtime_last_hour(in minutes),downtime_last_day(in hours),downtime_last_week(in hours)\n"
)
WEEK = 168 * HOUR


def summary(up, down):
    """A summary with ``up`` and ``down``, windows x stores."""
    up, down = (np.array(side, np.int64).reshape(3, -1) for side in (up, down))
    return UptimeSummary(
        windows=parse_windows(DEFAULT_WINDOWS),
        up=up,
        down=down,
        unknown=up * 0,
        excluded=up * 0,
        open=up + down,
    )


def printed(store_ids, up, down):
    return b"".join(print_report(store_ids, summary(up, down)))


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


@given(st.lists(st.text("=+-@\t\r\n'a1 \uff1d\uff0b\uff0d\uff20\ufeff", max_size=4)))
def test_what_it_did_to_an_id_can_be_undone(ids):
    assert [re.sub(DEFUSED, r"\1", text) for text in defused(ids)] == ids
    assert not any(
        text.startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20\ufeff")) for text in defused(ids)
    )


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

    monkeypatch.setattr("uptime.printing.csv._STORES_AT_ONCE", 3)
    pieces = list(print_report(ids, summary(times, times)))

    assert b"".join(pieces) == whole
    assert len(pieces) == -(-stores // 3)


FULL_HEADER = (
    "store_id,uptime_last_hour(in minutes),uptime_yesterday(in hours),"
    "downtime_last_hour(in minutes),downtime_yesterday(in hours),"
    "unknown_last_hour(in minutes),unknown_yesterday(in hours),"
    "excluded_last_hour(in minutes),excluded_yesterday(in hours),"
    "open_last_hour(in minutes),open_yesterday(in hours),"
    "uptime_percentage_last_hour,uptime_percentage_yesterday,"
    "coverage_percentage_last_hour,coverage_percentage_yesterday,"
    "longest_gap_last_hour(in minutes),longest_gap_yesterday(in hours),"
    "least_uptime_last_hour(in minutes),least_uptime_yesterday(in hours),"
    "most_uptime_last_hour(in minutes),most_uptime_yesterday(in hours),"
    "margin_last_hour(in minutes),margin_yesterday(in hours),"
    "last_polled_at,last_status"
)


MEASURES = {
    "up": 1,
    "down": 2,
    "unknown": 3,
    "excluded": 4,
    "open": 10,
    "covered": 5,
    "longest_gap": 7,
    "least_up": 8,
    "most_up": 9,
    "margin": 10,
}


_TIMES = ("up", "down", "unknown", "excluded", "open")


def full_summary(stores=1, **changed):
    """Each measure with its own number: minutes in the hour, as many hours in the day."""
    said = MEASURES | {name: number for name, number in changed.items() if name in MEASURES}
    numbers = {name: filled(number, stores) for name, number in said.items()}
    once = {
        "last_polled_at": np.full(stores, changed.get("at", 0)),
        "last_active": np.full(stores, changed.get("active", -1), np.int8),
    }
    return UptimeSummary(
        windows=parse_windows(["1h", "yesterday"]),
        **{name: numbers.pop(name) for name in _TIMES},
        quality=Quality(**numbers, **once),
    )


def filled(number, stores):
    return np.array([[number * MINUTE] * stores, [number * HOUR] * stores])


def full_row(**changed):
    text = b"".join(print_report(["a"], full_summary(**changed))).decode()
    header, row = text.splitlines()
    assert header == FULL_HEADER
    return row.split(",")


def test_it_prints_every_measure_under_its_name():
    assert full_row() == [
        *["a", "1.00", "1.00", "2.00", "2.00", "3.00", "3.00", "4.00", "4.00", "10.00", "10.00"],
        # 1 of 1 + 2 that are known; 5 of 10 - 4 that are open and not excluded.
        *["33.33", "33.33", "83.33", "83.33"],
        *["7.00", "7.00", "8.00", "8.00", "9.00", "9.00", "10.00", "10.00", "", ""],
    ]


def test_it_prints_no_percentage_of_nothing():
    for nothing in ({"open": 0, "excluded": 0}, {"open": 4, "excluded": 4}):
        row = full_row(up=0, down=0, covered=0, **nothing)
        assert row[11:15] == ["n/a"] * 4


@pytest.mark.parametrize(
    ("at", "active", "texts"),
    [
        (1_674_670_402_479_220, 1, ["2023-01-25T18:13:22.479220Z", "active"]),
        (1_674_670_402_000_000, 0, ["2023-01-25T18:13:22.000000Z", "inactive"]),
        (-1, 1, ["1969-12-31T23:59:59.999999Z", "active"]),
        (0, 0, ["1970-01-01T00:00:00.000000Z", "inactive"]),
        (0, -1, ["", ""]),
    ],
)
def test_it_prints_the_last_poll_as_the_api_writes_instants(at, active, texts):
    assert full_row(at=at, active=active)[-2:] == texts


def test_it_prints_the_header_of_all_columns_where_there_is_no_store():
    assert b"".join(print_report([], full_summary(stores=0))).decode() == FULL_HEADER + "\n"


def test_it_names_the_columns_of_a_report_in_advance():
    windows = parse_windows(["1h", "yesterday"])
    assert ",".join(columns(windows, full=True)) == FULL_HEADER
    assert ",".join(columns(windows)) == FULL_HEADER[: FULL_HEADER.index(",unknown")]


def test_it_names_the_classic_columns():
    assert ",".join(columns(parse_windows(DEFAULT_WINDOWS))).encode() + b"\n" == HEADER


def test_it_prints_minutes_for_windows_of_at_most_an_hour():
    names = [*columns(parse_windows(["1m", "60m", "61m", "2h"]))][1:5]
    assert [name[name.index("(") :] for name in names] == [
        "(in minutes)",
        "(in minutes)",
        "(in hours)",
        "(in hours)",
    ]


def test_it_prints_the_same_bytes_of_all_columns_in_pieces(monkeypatch):
    ids, summary = ["a", "b", "c"], full_summary(stores=3, at=5, active=1)
    whole = b"".join(print_report(ids, summary))
    monkeypatch.setattr("uptime.printing.csv._STORES_AT_ONCE", 2)
    assert b"".join(print_report(ids, summary)) == whole
