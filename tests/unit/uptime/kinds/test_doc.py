"""The worked examples of roll-ups and outages, executed."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tests.reference_outages import Outage, outages_of_store
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.kinds.test_outages import told
from tests.unit.uptime.notation import at, length
from tests.unit.uptime.test_doc import (
    BY_ANSWER,
    OUTAGES,
    ROLLUP,
    STORES,
    TIME_ZONES,
    Example,
    Row,
    each,
)
from uptime import Question, Window, percentage, summarise
from uptime.outages.finding import whole_outages
from uptime.rollup.summing import STATES, RollUp, roll_up


def tags_of(example: Example, ids: list[str]) -> dict[str, np.ndarray]:
    own = {row["store_id"]: row["tags"].split(";") for row in example.rows(STORES)}
    tags = sorted({tag for names in own.values() for tag in names})
    return {
        tag: np.array([n for n, store in enumerate(ids) if tag in own.get(store, [])])
        for tag in tags
    }


@each(BY_ANSWER[ROLLUP])
def test_it_rolls_up_as_the_page_says(example: Example):
    ids = [row["store_id"] for row in example.rows(TIME_ZONES)]
    rows = example.rows(ROLLUP)
    window = Window(name="w", start=at(rows[0]["from"]), end=at(rows[0]["to"]))
    asked = Question(as_of=example.as_of, windows=[window], full=True)
    fleet = fleet_of([example.stores[store_id] for store_id in ids], ids)
    fleet = replace(fleet, tags=tags_of(example, ids))
    found = roll_up(fleet, summarise(fleet, asked))
    assert list(said(found)) == [
        (
            *(row["scope"], row["stores"]),
            *(length(row[name]) for name in STATES),
            *(row["uptime_percentage"], row["worst_store"]),
        )
        for row in rows
    ]


def said(found: RollUp) -> Iterator[tuple[object, ...]]:
    shares = percentage(found.sums["up"][0], found.sums["up"][0] + found.sums["down"][0])
    for n, scope in enumerate(found.scopes):
        times = (found.sums[name][0, n] for name in STATES)
        yield (scope, str(found.stores[n]), *times, shares[n], found.worst.store_ids[0, n])


@each(BY_ANSWER[OUTAGES])
def test_it_finds_the_outages_of_stores_as_the_page_says(example: Example):
    start = at(f"{example.text.splitlines()[0].split()[2]} 00:00:00")
    span, store = (start, example.as_of), example.stores["1"]
    asked = Question(as_of=example.as_of, windows=[Window(name="w", start=span[0], end=span[1])])
    expected = [outage_of(row) for row in example.rows(OUTAGES)]
    assert told(whole_outages(fleet_of([store]), asked), 0) == expected
    assert outages_of_store(store, as_of=example.as_of, windows=[span]) == expected


def outage_of(row: Row) -> Outage:
    return Outage(
        start=at(row["from"]),
        end=maybe(row["to"]),
        lost=length(row["downtime"]),
        lost_in_windows=length(row["downtime_in_windows"]),
        went_down=(maybe(row["went_down_after"]), at(row["went_down_by"])),
        came_up=(at(row["came_up_after"]), maybe(row["came_up_by"])),
    )


def maybe(text: str) -> int | None:
    return at(text) if text else None
