"""The worked examples of the docs, executed."""

import csv
import re
from dataclasses import asdict, dataclass, replace
from datetime import date, time
from typing import Any

import pytest

from tests import reference_poller, reference_windows
from tests.paths import ROOT
from tests.reference import (
    DAY,
    DEFAULT_ZONE,
    HOUR,
    MINUTE,
    REPORT_HEADER,
    Hours,
    Poll,
    Share,
    SpecialDay,
    Store,
    classic_windows,
    printed,
    report_text,
    summarise_store,
)
from tests.reference_quality import Quality, assess_store, percentage
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.notation import at, by_the_core, length
from tests.unit.uptime.poller.fleets import find
from uptime import Question, Window, parse_windows, summarise, timeline

PAGES = [
    (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("uptime.md", "comparison.md")
]
BLOCK = re.compile(r"^```uptime\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#{2,3} (.*)$", re.MULTILINE)

TIME_ZONES = "store_id,timezone_str"
HOURS = "store_id,day,start_time_local,end_time_local"
STATUS = "store_id,status,timestamp_utc"
SPECIAL_DAYS = "store_id,date,start_time_local,end_time_local,reason"
EXCLUSIONS = "store_id,from,to,reason"
FEEDS = (TIME_ZONES, HOURS, STATUS, SPECIAL_DAYS, EXCLUSIONS)
WINDOWS = "store_id,from,to,open,up,down,unknown"
EXCLUDED_WINDOWS = f"{WINDOWS},excluded"
SAID_WINDOWS = "store_id,window,from,to,open,up,down,unknown"
QUALITY = (
    "store_id,from,to,uptime_percentage,coverage_percentage,longest_gap,least_uptime,most_uptime,"
    "margin"
)
TIMELINE = "store_id,from,to,state,rule,poll"
POLLER_OUTAGES = "from,to,scope,stores"
STORES = "store_id,name,tags"
ROLLUP = "scope,stores,from,to,open,up,down,unknown,excluded,uptime_percentage,worst_store"
OUTAGES = (
    "store_id,from,to,downtime,downtime_in_windows,"
    "went_down_after,went_down_by,came_up_after,came_up_by"
)
TARGETS = "store_id,target,from,to,verdict,least,most,budget,spent,left,burn_rate,at_risk"
HOURS_THAT_FIT = "store_id,edge,was,fits,seen,of"
ANSWERS = (
    *(WINDOWS, EXCLUDED_WINDOWS, SAID_WINDOWS, QUALITY, TIMELINE, POLLER_OUTAGES),
    *(ROLLUP, OUTAGES, TARGETS, HOURS_THAT_FIT),
    REPORT_HEADER,
)

Row = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Example:
    """One block of the page: a question, tables by their header, and where it stands."""

    heading: str
    as_of: int
    max_gap: int | None
    are_unknown: bool
    tables: dict[str, list[Row]]
    text: str

    @property
    def stores(self) -> dict[str, Store]:
        rows = [row for header in FEEDS for row in self.rows(header)]
        stores = {store_id: self.store(store_id) for store_id in {row["store_id"] for row in rows}}
        if not self.are_unknown:
            return stores
        silences = [(one.start, one.end) for one in reference_poller.outages(**self.polled(stores))]
        return {name: replace(store, silences=silences) for name, store in stores.items()}

    def polled(self, stores: dict[str, Store]) -> dict[str, Any]:
        """The polls of stores that have neither zones nor tags, up to the report."""
        polled = [
            reference_poller.Polled(
                zone=DEFAULT_ZONE, tags=frozenset(), polls=[poll.at for poll in store.polls]
            )
            for store in stores.values()
        ]
        return {"stores": polled, "begin": self.as_of - 8 * DAY, "end": self.as_of}

    def store(self, store_id: str) -> Store:
        zones = [row["timezone_str"] for row in self.rows(TIME_ZONES, store_id)]
        return Store(
            time_zone=zones[0] if zones else None,
            hours=[hours_of(row) for row in self.rows(HOURS, store_id)],
            polls=[poll_of(row) for row in self.rows(STATUS, store_id)],
            special_days=[special_day_of(row) for row in self.rows(SPECIAL_DAYS, store_id)],
            exclusions=[(at(r["from"]), at(r["to"])) for r in self.rows(EXCLUSIONS, store_id)],
        )

    def rows(self, header: str, store_id: str | None = None) -> list[Row]:
        return [
            row for row in self.tables.get(header, []) if store_id in (None, row.get("store_id"))
        ]


def hours_of(row: Row) -> Hours:
    opens, closes = row["start_time_local"], row["end_time_local"]
    return Hours(
        weekday=int(row["day"]), opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
    )


def special_day_of(row: Row) -> SpecialDay:
    opens, closes = (
        time.fromisoformat(row[name]) if row[name] else None
        for name in ("start_time_local", "end_time_local")
    )
    return SpecialDay(day=date.fromisoformat(row["date"]), opens=opens, closes=closes)


def poll_of(row: Row) -> Poll:
    assert row["status"] in ("active", "inactive")
    return Poll(at=at(row["timestamp_utc"]), active=row["status"] == "active")


def example_of(heading: str, text: str) -> Example:
    question, *tables = text.strip().split("\n\n")
    asked = dict(line.rsplit(" ", 1) for line in question.splitlines()[1:])
    assert set(asked) <= {"longest gap", "poller outages"}
    known = {table.splitlines()[0]: list(csv.DictReader(table.splitlines())) for table in tables}
    assert set(known) <= {*FEEDS, STORES, *ANSWERS}
    return Example(
        heading=heading,
        as_of=at(question.splitlines()[0].removeprefix("as of ")),
        max_gap=length(asked["longest gap"]) if "longest gap" in asked else None,
        are_unknown=asked.get("poller outages") == "unknown",
        tables=known,
        text=text,
    )


def examples(page: str) -> list[Example]:
    return [
        example_of(HEADING.findall(page[: block.start()])[-1], block[1])
        for block in BLOCK.finditer(page)
    ]


EXAMPLES = [example for page in PAGES for example in examples(page)]
BY_ANSWER = {answer: [e for e in EXAMPLES if answer in e.tables] for answer in ANSWERS}
WITH_WINDOWS = BY_ANSWER[WINDOWS] + BY_ANSWER[EXCLUDED_WINDOWS]
WITH_REPORT = BY_ANSWER[REPORT_HEADER]


def each(chosen: list[Example]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", chosen, ids=lambda example: example.heading)


def share_of(row: Row) -> Share:
    parts = ("up", "down", "unknown", "excluded")
    share = Share(**{part: length(row.get(part, "0")) for part in parts})
    assert share.open == length(row["open"])
    return share


def test_it_finds_every_example_of_each_page():
    assert all(page.count("```uptime") >= 5 for page in PAGES)
    assert len(EXAMPLES) == sum(page.count("```uptime") for page in PAGES)
    assert sum(len(chosen) for chosen in BY_ANSWER.values()) == len(EXAMPLES)
    assert all(BY_ANSWER.values())


@each(WITH_WINDOWS)
def test_it_computes_the_windows_of_the_page(example: Example):
    for row in example.rows(WINDOWS) + example.rows(EXCLUDED_WINDOWS):
        store, window = example.stores[row["store_id"]], (at(row["from"]), at(row["to"]))
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


@each(BY_ANSWER[SAID_WINDOWS])
def test_it_computes_the_windows_that_the_page_says_in_words(example: Example):
    for row in example.rows(SAID_WINDOWS):
        store = example.stores[row["store_id"]]
        span, question = (at(row["from"]), at(row["to"])), {"as_of": example.as_of}
        (window,) = parse_windows([row["window"]])
        found = fleet_of([store]).bounds(Question(as_of=example.as_of, windows=[window]))
        assert (found.start.item(), found.end.item()) == span
        where = {"zone_name": store.time_zone or "UTC"}
        assert reference_windows.bounds_of(row["window"], **question, **where) == span
        assert by_the_core([store], windows=[span], **question) == [[share_of(row)]]
        assert summarise_store(store, windows=[span], **question) == [share_of(row)]


@each(BY_ANSWER[QUALITY])
def test_it_assesses_as_the_page_says(example: Example):
    for row in example.rows(QUALITY):
        store = example.stores[row["store_id"]]
        question = {"as_of": example.as_of, "max_gap": example.max_gap}
        span = (at(row["from"]), at(row["to"]))
        (share,) = summarise_store(store, windows=[span], **question)
        (quality,) = assess_store(store, windows=[span], **question)
        assert quality_row(share, quality) == list(row.values())[3:]
        window = Window(name="w", start=span[0], end=span[1])
        asked = Question(windows=[window], full=True, **question)
        summary = summarise(fleet_of([store]), asked)
        assert summary.quality is not None
        for measure, expected in asdict(quality).items():
            assert getattr(summary.quality, measure).item() == expected


def quality_row(share: Share, quality: Quality) -> list[str]:
    return [
        percentage(share.up, share.up + share.down),
        percentage(quality.covered, share.counted),
        *(
            clock_of(time)
            for time in (quality.longest_gap, quality.least_up, quality.most_up, quality.margin)
        ),
    ]


def clock_of(time: int) -> str:
    """Hours, minutes and seconds, with a fraction if there is one."""
    seconds, fraction = divmod(time, 10**6)
    text = f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{fraction:06d}" if fraction else text


@each(BY_ANSWER[TIMELINE])
def test_it_draws_the_timeline_of_the_page(example: Example):
    rows = example.rows(TIMELINE)
    window = Window(name="w", start=at(rows[0]["from"]), end=at(rows[-1]["to"]))
    asked = Question(as_of=example.as_of, windows=[window], max_gap=example.max_gap)
    found = timeline(fleet_of([example.stores["1"]]), asked)
    expected = [
        (at(r["from"]), at(r["to"]), r["state"], r["rule"], at(r["poll"]) if r["poll"] else None)
        for r in rows
    ]
    assert expected == [
        (span.start, span.end, span.state, span.rule, span.poll and span.poll.at)
        for span in found.spans
    ]


@each(BY_ANSWER[POLLER_OUTAGES])
def test_it_finds_the_outages_of_the_page(example: Example):
    polled = example.polled(example.stores)
    for found in (find(**polled), reference_poller.outages(**polled)):
        assert [(one.start, one.end, one.scope, one.stores) for one in found if not one.lasts] == [
            (at(row["from"]), at(row["to"]), row["scope"], int(row["stores"]))
            for row in example.rows(POLLER_OUTAGES)
        ]
