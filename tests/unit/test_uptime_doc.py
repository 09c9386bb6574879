"""The worked examples of docs/uptime.md, executed."""

import csv
import re
from dataclasses import dataclass
from datetime import time
from pathlib import Path

import pytest

from tests.reference import (
    HOUR,
    MINUTE,
    REPORT_HEADER,
    Hours,
    Poll,
    Share,
    Store,
    classic_windows,
    printed,
    report_text,
    summarise_store,
)
from tests.unit.uptime.notation import at, by_the_core, length

PAGE = Path(__file__).parents[2] / "docs" / "uptime.md"
BLOCK = re.compile(r"^```uptime\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^### (.*)$", re.MULTILINE)

TIME_ZONES = "store_id,timezone_str"
HOURS = "store_id,day,start_time_local,end_time_local"
STATUS = "store_id,status,timestamp_utc"
WINDOWS = "store_id,from,to,open,up,down,unknown"

Row = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Example:
    """One block of the page: a question, tables by their header, and where it stands."""

    heading: str
    as_of: int
    max_gap: int | None
    tables: dict[str, list[Row]]
    text: str

    @property
    def stores(self) -> dict[str, Store]:
        rows = [row for header in (TIME_ZONES, HOURS, STATUS) for row in self.rows(header)]
        return {store_id: self.store(store_id) for store_id in {row["store_id"] for row in rows}}

    def store(self, store_id: str) -> Store:
        zones = [row["timezone_str"] for row in self.rows(TIME_ZONES, store_id)]
        return Store(
            time_zone=zones[0] if zones else None,
            hours=[hours_of(row) for row in self.rows(HOURS, store_id)],
            polls=[poll_of(row) for row in self.rows(STATUS, store_id)],
        )

    def rows(self, header: str, store_id: str | None = None) -> list[Row]:
        return [row for row in self.tables.get(header, []) if store_id in (None, row["store_id"])]


def hours_of(row: Row) -> Hours:
    opens, closes = row["start_time_local"], row["end_time_local"]
    return Hours(
        weekday=int(row["day"]), opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
    )


def poll_of(row: Row) -> Poll:
    assert row["status"] in ("active", "inactive")
    return Poll(at=at(row["timestamp_utc"]), active=row["status"] == "active")


def example_of(heading: str, text: str) -> Example:
    question, *tables = text.strip().split("\n\n")
    asked = dict(line.rsplit(" ", 1) for line in question.splitlines()[1:])
    assert set(asked) <= {"longest gap"}
    known = {table.splitlines()[0]: list(csv.DictReader(table.splitlines())) for table in tables}
    assert set(known) <= {TIME_ZONES, HOURS, STATUS, WINDOWS, REPORT_HEADER}
    return Example(
        heading=heading,
        as_of=at(question.splitlines()[0].removeprefix("as of ")),
        max_gap=length(asked["longest gap"]) if asked else None,
        tables=known,
        text=text,
    )


def examples(page: str) -> list[Example]:
    return [
        example_of(HEADING.findall(page[: block.start()])[-1], block[1])
        for block in BLOCK.finditer(page)
    ]


EXAMPLES = examples(PAGE.read_text(encoding="utf-8"))
WITH_WINDOWS = [example for example in EXAMPLES if WINDOWS in example.tables]
WITH_REPORT = [example for example in EXAMPLES if REPORT_HEADER in example.tables]


def each(chosen: list[Example]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", chosen, ids=lambda example: example.heading)


def windows_of(example: Example) -> list[tuple[int, int]]:
    return [(at(row["from"]), at(row["to"])) for row in example.rows(WINDOWS)]


def share_of(row: Row) -> Share:
    share = Share(up=length(row["up"]), down=length(row["down"]), unknown=length(row["unknown"]))
    assert share.open == length(row["open"])
    return share


def test_it_finds_every_example_of_the_page():
    assert len(EXAMPLES) == PAGE.read_text(encoding="utf-8").count("```uptime") >= 7
    assert len(WITH_WINDOWS) + len(WITH_REPORT) == len(EXAMPLES)
    assert WITH_REPORT


@each(WITH_WINDOWS)
def test_it_computes_the_windows_of_the_page(example: Example):
    for row, window in zip(example.rows(WINDOWS), windows_of(example), strict=True):
        store = example.stores[row["store_id"]]
        question = {"as_of": example.as_of, "windows": [window], "max_gap": example.max_gap}
        assert by_the_core([store], **question) == [[share_of(row)]]
        assert summarise_store(store, **question) == [share_of(row)]


@each(WITH_REPORT)
def test_it_prints_the_report_of_the_page(example: Example):
    expected = example.text.split("\n\n")[-1]
    assert report_text(example.stores, as_of=example.as_of) == expected


@each(WITH_REPORT)
def test_it_computes_the_report_of_the_page(example: Example):
    stores = example.stores
    by_store = by_the_core(
        list(stores.values()), as_of=example.as_of, windows=classic_windows(example.as_of)
    )
    for store_id, shares in zip(stores, by_store, strict=True):
        (row,) = example.rows(REPORT_HEADER, store_id)
        assert [store_id, *six_numbers(shares)] == list(row.values())


def six_numbers(shares: list[Share]) -> list[str]:
    units = (MINUTE, HOUR, HOUR)
    up = [printed(share.up, unit) for share, unit in zip(shares, units, strict=True)]
    return up + [printed(share.down, unit) for share, unit in zip(shares, units, strict=True)]
