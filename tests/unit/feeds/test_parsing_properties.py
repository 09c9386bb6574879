"""Reading blocks gives the same as reading line by line, whatever the rows."""

import csv
import io

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from feeds import blocks, parsing
from feeds.blocks import decode
from feeds.headers import read_header
from feeds.parsing import FeedReader
from feeds.rows import RejectedRow, Row, read_row
from tests.unit.feeds.reading import HOURS, SPECIAL_DAYS, STATUS, STORES, ZONES, plain

good_ids = st.sampled_from(["1481966498820158979", "b5d0a65d-6d54-47aa-95e9-9312f0353326", "x_1"])
odd_ids = st.sampled_from(
    [
        "",
        " ",
        " 7 ",
        "7",
        "8.13E+18",
        "8,13E+018",
        "ü",
        "a b",
        "a\tb",
        "a" * 100,
        "a" * 101,
        "\ufeff1",
    ]
)
good_statuses = st.sampled_from(["active", "inactive"])
odd_statuses = st.sampled_from(["ACTIVE", " active", "inactive ", "down", "", "1"])
walls = st.sampled_from(
    [
        "2023-01-22 12:09:39.388884",
        "2023-01-22T12:09:39",
        "2000-01-01 00:00:00",
        "2100-12-31 23:59:59.999999",
        "2024-02-29 00:00:00.1",
    ]
)
zones = st.sampled_from([" UTC", "Z", "", "+00:00", "+05:30", "-12:45", "+0530"])
odd_instants = st.sampled_from(
    [
        "",
        "2023-01-22",
        "2023-01-22 12",
        "2023-01-22 12:09",
        "2023-01-22 12:09+05:30",
        "2023-01-22 12:09:60 UTC",
        "2023-01-22 24:00:00",
        "2023-02-29 00:00:00 UTC",
        "2023-01-22 12:09:39. UTC",
        "2023-01-22 12:09:39.1234567 UTC",
        "2023-01-22 12:09:39.1234560 UTC",
        "1999-12-31 23:59:59.999999 UTC",
        "1999-12-31 23:59:59-00:01",
        "2101-01-01 00:00:00",
        "2100-12-31 23:59:59+00:00",
        "0000-01-01 00:00:00",
        "9999-12-31 23:59:59 UTC",
        " 2023-01-22 12:09:39 UTC ",
        "2023-01-22 12:09:39 utc",
        "2023-01-22 12:09:39.5+24:00",
        "2023-01-22 12:09:39.5.34UTC",
        "2023-01-22 12:09:39 UTC UTC",
        "1674389379",
    ]
)
weekdays = st.sampled_from(["0", "6", "3", "7", "-1", "0.0", "", " 5"])
times = st.sampled_from(
    [
        "00:00:00",
        "9:30",
        "23:59:59",
        "24:00",
        "24:00:00",
        "24:00:01",
        "12:60",
        "1:2",
        "",
        "08:00:00.5",
    ]
)
zone_names = st.sampled_from(["America/Chicago", "asia/kolkata", "Mars/Base", "", "NULL", " UTC "])


@st.composite
def status_rows(draw):
    """Rows that mostly have the same ending, as in real files, so that the fast path is used."""
    zone = draw(zones)
    uniform = walls.map(lambda wall: wall + zone)
    odd = draw(st.booleans())
    row = st.tuples(
        good_ids | odd_ids if odd else good_ids,
        good_statuses | odd_statuses if odd else good_statuses,
        uniform | odd_instants if odd else uniform,
    )
    return draw(st.lists(row, min_size=1, max_size=12))


hours_rows = st.lists(
    st.tuples(good_ids | odd_ids, weekdays, times, times), min_size=1, max_size=12
)
zone_rows = st.lists(st.tuples(good_ids | odd_ids, zone_names), min_size=1, max_size=12)
names = st.sampled_from(["Maple Street Diner", "", " Joe's, Main St ", 'The "Old" Mill', "n" * 201])
tags = st.sampled_from(["", "airport", "b;a", "a; a ;b", "a;;b", ";", "t" * 51, "a\tb", "é"])
store_rows = st.lists(st.tuples(good_ids | odd_ids, names, tags), min_size=1, max_size=12)
dates = st.sampled_from(
    ["2026-12-25", " 2024-02-29 ", "2023-02-29", "1999-12-31", "25.12.2026", ""]
)
special_rows = st.lists(
    st.tuples(good_ids | odd_ids, dates, times | st.just(""), times | st.just(""), names),
    min_size=1,
    max_size=12,
)
debris = st.sampled_from(
    [b'"', b'""', b"\r", b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b",", b"\n", b"\n\n", b"\r\n"]
) | st.sampled_from([b" ", b"\xef\xbb\xbf", b"\t", b";", b"\xc2\xa0", b"\x1f", b"'", b"\\"])


@st.composite
def blocks_of(draw, rows, delimiter=","):
    """Lines of a file after its header, written by the csv module and then damaged."""
    text = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    ending = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=ending)
    writer.writerows(draw(rows))
    data = text.getvalue().encode()
    for _ in range(draw(st.sampled_from([0, 0, 1, 2, 5]))):
        place = draw(st.integers(0, len(data)))
        data = data[:place] + draw(debris) + data[place:]
    return data if data.endswith(b"\n") else data + b"\n"


def line_by_line(block, header, first=2):
    read = [
        read_row(line, number, header) for number, line in enumerate(block.split(b"\n")[:-1], first)
    ]
    accepted = [(row.store_id, *row.values) for row in read if isinstance(row, Row)]
    return accepted, [row for row in read if isinstance(row, RejectedRow)]


def hold_together(block, header):
    batch = decode(block, 2, header)
    accepted, rejected = line_by_line(block, header)
    assert plain(batch) == accepted
    assert batch.rejected == rejected
    assert batch.rows == len(accepted) + len(rejected)
    assert sorted(batch.store_ids) == sorted({row[0] for row in accepted})
    assert batch.store.dtype == np.int32
    for column in header.feed.columns:
        assert batch.columns[column.name].dtype == column.dtype


property_of_blocks = settings(max_examples=200, deadline=None)


@property_of_blocks
@given(blocks_of(status_rows()))
def test_it_reads_status_blocks_as_it_reads_their_lines(block):
    hold_together(block, read_header(STATUS.encode(), file="f"))


@property_of_blocks
@given(blocks_of(hours_rows))
def test_it_reads_hours_blocks_as_it_reads_their_lines(block):
    hold_together(block, read_header(HOURS.encode(), file="f"))


@property_of_blocks
@given(blocks_of(special_rows))
def test_it_reads_blocks_of_special_days_as_it_reads_their_lines(block):
    hold_together(block, read_header(SPECIAL_DAYS.encode(), file="f"))


@property_of_blocks
@given(blocks_of(zone_rows, delimiter="\t"))
def test_it_reads_time_zone_blocks_as_it_reads_their_lines(block):
    hold_together(block, read_header(ZONES.replace(",", "\t").encode(), file="f"))


@property_of_blocks
@given(blocks_of(store_rows))
def test_it_reads_blocks_of_names_as_it_reads_their_lines(block):
    hold_together(block, read_header(STORES.encode(), file="f"))


@property_of_blocks
@given(blocks_of(store_rows, delimiter=";"))
def test_it_reads_names_apart_by_what_is_between_tags(block):
    hold_together(block, read_header(STORES.replace(",", ";").encode(), file="f"))


@property_of_blocks
@given(blocks_of(status_rows()), st.integers(1, 400))
def test_it_does_not_matter_where_blocks_are_cut(block, size):
    header = read_header(STATUS.encode(), file="f")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "LONGEST_LINE", 500)
        patch.setattr(parsing, "BLOCK", 500 + size)
        batches = list(FeedReader(Trickle(STATUS.encode() + block), name="f").batches())
    accepted, rejected = line_by_line(block, header)
    assert [row for batch in batches for row in plain(batch)] == accepted
    assert [row for batch in batches for row in batch.rejected] == rejected


class Trickle(io.BytesIO):
    """A stream that hands out a few bytes at a time, as a pipe may."""

    def read(self, size=-1):
        return super().read(min(size, 7))


@pytest.mark.parametrize("zone", [" UTC", "Z", "", "+00:00", "-06:00"])
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_it_reads_every_usual_way_of_writing_without_looking_at_lines(
    zone, quote, ending, delimiter, monkeypatch
):
    monkeypatch.setattr(blocks, "read_row", None)
    header = read_header(STATUS.replace(",", delimiter).encode(), file="f")
    row = [f"{quote}{value}{quote}" for value in ("81", "active", f"2023-01-22 12:09:39.5{zone}")]
    batch = decode((delimiter.join(row) + ending).encode() * 3, 2, header)
    ahead = -6 * 3600 if zone == "-06:00" else 0
    assert plain(batch) == [("81", 1, 1_674_389_379_500_000 - ahead * 1_000_000)] * 3


@pytest.mark.parametrize(
    "odd",
    ["7,active", '7,"active,x', "7,active,x\0", "a\rb,active,x", "\ufeff", '7,active,\r""'],
)
def test_it_looks_at_no_line_but_the_odd_one(odd, monkeypatch):
    seen = []

    def noted(line, number, header):
        seen.append((line, number))
        return read_row(line, number, header)

    monkeypatch.setattr(blocks, "read_row", noted)
    good = b'"7","active",2023-01-22 12:09:39 UTC\n'
    header = read_header(STATUS.encode(), file="f")
    batch = decode(good * 20 + odd.encode() + b"\n" + good * 30, 2, header)
    assert seen == [(odd.encode(), 22)]
    assert (len(batch.store), batch.refused) == (50, 1)
