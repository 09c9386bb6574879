"""Limits of the reader: blank lines, rejected rows, instants ahead of now."""

import io

import pytest

from feeds import blocks, parsing
from feeds.headers import Limits, polls_until
from feeds.parsing import FeedReader
from feeds.rows import read_row
from tests.unit.feeds.reading import STATUS, plain, read

NOON = 1_705_320_000_000_000  # 2024-01-15 12:00 UTC
HEADERS = {"CSV": STATUS, "NDJSON": ""}


def written(kind, instant):
    if kind == "CSV":
        return f"a,active,{instant}\n"
    return f'{{"store_id": "a", "status": "active", "timestamp_utc": "{instant}"}}\n'


def batches(text, limits):
    return list(FeedReader(io.BytesIO(text.encode()), name="f", limits=limits).batches())


@pytest.mark.parametrize("odd", ["", "2024-01-15 13:00:00+01:00", "2024-01-15 12:00:00Z"])
@pytest.mark.parametrize("kind", HEADERS)
def test_it_rejects_polls_ahead_of_the_time_allowed(kind, odd):
    allowed = ["2024-01-16 12:00:00 UTC", *([odd] if odd else [])]
    late = ["2024-01-16 12:00:00.000001 UTC", "2100-12-31 00:00:00 UTC"]
    text = "".join(written(kind, instant) for instant in [*allowed, *late])
    [batch] = batches(HEADERS[kind] + text, polls_until(NOON, hours=24))
    assert len(plain(batch)) == len(allowed)
    first = 1 + len(allowed) + (kind == "CSV")
    assert [(row.line, row.field, row.value, row.reason) for row in batch.rejected] == [
        (first + place, "timestamp_utc", instant, "is more than 24 hours ahead of now")
        for place, instant in enumerate(late)
    ]


@pytest.mark.parametrize("kind", HEADERS)
@pytest.mark.parametrize("blank", ["\n", "\r\n", "  \n"])
def test_it_skips_blank_lines_without_looking_at_each(kind, blank, monkeypatch):
    monkeypatch.setattr(blocks, "read_row", None)
    rows = [written(kind, f"2024-01-15 12:00:0{second} UTC") for second in range(3)]
    head = HEADERS[kind] or written(kind, "2024-01-15 11:00:00 UTC")
    everything = read(head + rows[0] + blank * 3_000_000 + rows[1] + blank + rows[2])
    assert len(everything.accepted) == 3 + (kind == "NDJSON")
    assert everything.reasons == []


def test_it_counts_lines_over_blank_ones():
    everything = read(f"\n\n{STATUS}\n \na,up,2024-01-15 12:00:00\n\nb,active,now\n")
    assert [row[0] for row in everything.reasons] == [6, 8]


@pytest.mark.parametrize("row", ["x", "a,up,2024-01-15 12:00:00", "a,active,never"])
def test_it_keeps_the_first_rejected_rows_of_a_block_and_counts_the_others(row):
    text = STATUS + f"{row}\n" * 50 + written("CSV", "2024-01-15 12:00:00 UTC")
    [batch] = batches(text, Limits(rejected=10))
    assert [rejected.line for rejected in batch.rejected] == list(range(2, 12))
    assert (batch.refused, batch.rows, len(batch.store)) == (50, 51, 1)


@pytest.mark.parametrize("row", ["x", "a,active,2024-01-15 12:00:00,x"])
def test_it_seeks_no_reason_for_rows_that_it_only_counts(row, monkeypatch):
    sought = []
    monkeypatch.setattr(parsing, "BLOCK", 64 * 1024)
    monkeypatch.setattr(blocks, "read_row", lambda *line: sought.append(line) or read_row(*line))
    good = written("CSV", "2024-01-15 12:00:00 UTC")
    read = batches(STATUS + good + f"{row}\n" * 300_000 + good, Limits(rejected=10))
    assert sum(batch.refused for batch in read) == 300_000
    assert [plain(batch) for batch in read if len(batch.store)] == [plain(read[0]), plain(read[0])]
    kept = [rejected.line for batch in read for rejected in batch.rejected]
    assert kept[:10] == list(range(3, 13))
    # Blocks that are decoded side by side do not know yet what was kept of each other.
    assert len(sought) <= 40


def test_it_takes_rows_between_rows_of_too_few_fields():
    good = written("CSV", "2024-01-15 12:00:00 UTC")
    everything = read(STATUS + "x\n" + good + '"a,b"\n' + "x,\n" + '"a"' + good[1:] + ",,,\n")
    assert len(everything.accepted) == 2
    assert [(row.line, row.reason) for row in everything.rejected] == [
        (line, f"has {fields} fields where the header has 3")
        for line, fields in [(2, 1), (4, 1), (5, 2), (7, 4)]
    ]
