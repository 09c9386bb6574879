"""The outages of any made-up fleet, and of stores made for one case each."""

from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reference import DAY, HOUR, MINUTE, Store
from tests.reference_outages import Outage, outages_of_store
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.kinds.asked import question
from tests.unit.uptime.notation import at, hours, polls
from tests.unit.uptime.strategies import Fleet, fleets, often
from uptime import Question, parse_windows, summarise
from uptime.outages.figures import figures
from uptime.outages.finding import NO_INSTANT, WholeOutages, whole_outages
from uptime.outages.printing import COLUMNS, print_outages


def instant(at: int) -> int | None:
    return None if at == NO_INSTANT else at


def told(found: WholeOutages, store: int) -> list[Outage]:
    rows = zip(*(values.tolist() for values in vars(found).values()), strict=True)
    named = [dict(zip(vars(found), row, strict=True)) for row in rows]
    return [
        Outage(
            start=row["start"],
            end=row["end"] if row["is_over"] else None,
            lost=row["lost"],
            lost_in_windows=row["lost_in_windows"],
            went_down=(instant(row["start_after"]), row["start_by"]),
            came_up=(row["end_after"], instant(row["end_by"])),
        )
        for row in named
        if row["store"] == store
    ]


@often
@given(fleets(), st.lists(st.tuples(st.integers(-30, 30), st.integers(1, 20)), max_size=2))
def test_it_equals_the_reference(fleet: Fleet, silent: list[tuple[int, int]]):
    silences = [
        (fleet.as_of + start * HOUR, fleet.as_of + (start + long) * HOUR) for start, long in silent
    ]
    stores = [replace(store, silences=silences) for store in fleet.stores]
    found = whole_outages(fleet_of(stores), question(fleet))
    assert (np.diff(found.store) >= 0).all()
    for number, store in enumerate(stores):
        assert told(found, number) == outages_of_store(store, **fleet.question)


@often
@given(fleets())
def test_outages_in_one_window_add_up_to_its_downtime(fleet: Fleet):
    asked = replace(question(fleet), windows=question(fleet).windows[:1])
    found = whole_outages(fleet_of(fleet.stores), asked)
    lost = np.zeros(len(fleet.stores), dtype=np.int64)
    np.add.at(lost, found.store, found.lost_in_windows)
    assert lost.tolist() == summarise(fleet_of(fleet.stores), asked).down[0].tolist()
    assert (found.lost_in_windows <= found.lost).all()


OPEN = hours("daily 09:00-22:00")
CASES = {
    "two polls and the midpoints around them": (
        Store(
            time_zone="UTC", polls=polls("2024-05-06 10:00 up, 11:00 down, 12:00 down, 13:00 up")
        ),
        [("2024-05-06 10:30", "2024-05-06 12:30", 120, ("10:00", "11:00", "12:00", "13:00"))],
    ),
    "the night is left out": (
        Store(
            time_zone="UTC",
            hours=OPEN,
            polls=polls(
                "2024-05-05 20:00 up, 21:00 down",
                "2024-05-06 03:00 up, 10:00 down, 12:00 up",
            ),
        ),
        [("2024-05-05 20:30", "2024-05-06 11:00", 210, ("20:00", "21:00", "10:00", "12:00"))],
    ),
    "it ends with the last down instant, before the night": (
        Store(
            time_zone="UTC",
            hours=OPEN,
            polls=polls("2024-05-05 20:00 down", "2024-05-06 14:00 up"),
        ),
        [("2024-05-04 09:00", "2024-05-05 22:00", 1560, ("", "20:00", "20:00", "14:00"))],
    ),
    "never up again": (
        Store(time_zone="UTC", polls=polls("2024-05-06 13:00 up, 14:00 down")),
        [("2024-05-06 13:30", "", 90, ("13:00", "14:00", "14:00", ""))],
    ),
    "a poll that speaks for no open time ends nothing": (
        Store(
            time_zone="UTC",
            hours=OPEN,
            polls=polls(
                "2024-05-05 21:00 down", "2024-05-06 09:00 up, 09:00:00.000001 down, 15:00 down"
            ),
        ),
        [("2024-05-04 09:00", "", 1920, ("", "21:00", "15:00", ""))],
    ),
    "never polled": (Store(), []),
}


@pytest.mark.parametrize("case", CASES)
def test_it_finds(case: str):
    store, expected = CASES[case]
    asked = Question(as_of=at("2024-05-06 15:00"), windows=parse_windows(["36h"]))
    rows = lines([store], asked)
    assert [
        (moment(row["from"]), moment(row["to"]), float(row["downtime(in minutes)"]), clocks(row))
        for row in rows
    ] == [(start, end, minutes, around) for start, end, minutes, around in expected]


def lines(stores: Sequence[Store], asked: Question) -> list[dict[str, str]]:
    fleet = fleet_of(stores)
    text = b"".join(print_outages(fleet.store_ids, whole_outages(fleet, asked))).decode()
    header, *rows = [line.split(",") for line in text.splitlines()]
    assert header == list(COLUMNS)
    return [dict(zip(header, row, strict=True)) for row in rows]


def moment(text: str) -> str:
    return text[:16].replace("T", " ")


def clocks(row: dict[str, str]) -> tuple[str, ...]:
    names = ("went_down_after", "went_down_by", "came_up_after", "came_up_by")
    return tuple(row[name][11:16] for name in names)


def test_an_outage_is_whole_although_only_its_end_is_in_the_window():
    store = Store(polls=polls("2024-05-06 08:00 up, 10:00 down, 12:00 down, 14:00 up"))
    asked = Question(as_of=at("2024-05-06 15:00"), windows=parse_windows(["3h"]))
    (row,) = lines([store], asked)
    assert moment(row["from"]) == "2024-05-06 09:00"
    assert row["downtime(in minutes)"] == "240.00"
    assert row["downtime_in_windows(in minutes)"] == "60.00"


def test_an_outage_outside_the_windows_is_not_listed():
    store = Store(polls=polls("2024-05-06 08:00 up, 09:00 down, 10:00 up, 14:00 up"))
    asked = Question(as_of=at("2024-05-06 15:00"), windows=parse_windows(["3h"]))
    assert lines([store], asked) == []


def test_the_figures_of_a_store_leave_out_what_is_not_over_from_the_mean_alone():
    store = Store(
        polls=polls(
            "2024-05-06 07:00 up, 08:00 down, 09:00 up, 10:00 down, 10:20 up, 11:00 up, 12:00 down"
        )
    )
    asked = Question(as_of=at("2024-05-06 15:00"), windows=parse_windows(["24h"]))
    rows = lines([store, Store(polls=polls("2024-05-06 14:00 down"))], asked)
    figures_of = [list(row.values())[-3:] for row in rows]
    # 60, 40 and 210 minutes, the last of which is going on.
    assert figures_of[:3] == [["3", "210.00", "50.00"]] * 3
    assert figures_of[3] == ["1", "2880.00", "n/a"]


def test_the_mean_is_rounded_half_up_to_a_microsecond():
    one = {name: np.zeros(2, dtype=np.int64) for name in WholeOutages.__dataclass_fields__}
    lost = np.array([MINUTE, MINUTE + 1])
    found = WholeOutages(**{**one, "lost": lost, "is_over": np.array([True, True])})
    assert figures(found, 1).mean_time_to_recover.tolist() == [MINUTE + 1]


def test_a_store_whose_polls_are_all_down_has_one_outage_of_all_its_open_time():
    store = Store(polls=polls("2024-05-06 14:00 down"))
    asked = Question(as_of=at("2024-05-06 15:00"), windows=parse_windows(["24h"]))
    (outage,) = told(whole_outages(fleet_of([store]), asked), 0)
    assert asdict(outage) == {
        "start": asked.as_of - 2 * DAY,
        "end": None,
        "lost": 2 * DAY,
        "lost_in_windows": DAY,
        "went_down": (None, at("2024-05-06 14:00")),
        "came_up": (at("2024-05-06 14:00"), None),
    }
