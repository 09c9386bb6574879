"""What an explanation says of odd business hours, limits and single stores."""

import pytest

from tests.reference import Store
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.notation import at, hours, polls, spans, special_days
from uptime import HOUR, Question, Window, parse_windows, summarise
from uptime.explain.checking import Difference, differences
from uptime.explain.explaining import explain
from uptime.explain.explanation import RULES, ExplainedWindow, Sums
from uptime.explain.stores import each_store, one_store
from uptime.explain.text import explanation_text
from uptime.explain.told import told_explanation


def explained(store: Store, start: str, end: str, max_gap: int | None = None) -> ExplainedWindow:
    window = Window(name="w", start=at(start), end=at(end))
    asked = Question(as_of=at(end), windows=[window], max_gap=max_gap)
    return explain(fleet_of([store]), asked).windows[0]


@pytest.mark.parametrize(
    ("rows", "start", "notes"),
    [
        ("Sun 09:00-17:00", "2024-03-10", []),
        ("Sun 09:00-23:59", "2024-03-10", ["closes_at_midnight"]),
        ("Sun 09:00-00:00", "2024-03-10", ["closes_on_the_next_date"]),
        ("Sat 09:00-09:00", "2024-03-10", ["closes_on_the_next_date"]),
        ("Sun 02:30-09:00", "2024-03-10", ["opening_time_never_happens"]),
        ("Sun 01:00-02:30", "2024-03-10", ["closing_time_never_happens"]),
        ("Sun 01:30-09:00", "2024-11-03", ["opening_time_happens_twice"]),
        ("Sun 00:00-01:30", "2024-11-03", ["closing_time_happens_twice"]),
        ("Sun 00:00-01:00", "2024-11-03", ["closing_time_happens_twice"]),
        ("Sun 00:00-02:00", "2024-11-03", []),
        (
            "Sat 02:00-01:30",
            "2024-11-03",
            ["closes_on_the_next_date", "closing_time_happens_twice"],
        ),
    ],
)
def test_it_says_what_bends_a_row(rows: str, start: str, notes: list[str]):
    store = Store(time_zone="America/New_York", hours=hours(rows))
    (opening,) = explained(store, f"{start} 04:00", f"{start} 23:00").openings
    (row,) = opening.rows
    assert list(row.notes) == notes


def test_it_says_of_a_cut_opening_when_it_opened_and_closes():
    store = Store(time_zone="UTC", hours=hours("Tue 09:00-12:00"))
    (opening,) = explained(store, "2023-01-24 10:00", "2023-01-24 11:00").openings
    assert (opening.start, opening.end) == (at("2023-01-24 10:00"), at("2023-01-24 11:00"))
    assert (opening.opens, opening.closes) == (at("2023-01-24 09:00"), at("2023-01-24 12:00"))


def test_its_text_says_what_a_limit_leaves_unknown():
    store = Store(polls=polls("2023-01-24 10:00 up"))
    asked = Question(as_of=at("2023-01-24 14:00"), windows=parse_windows(["3h"]), max_gap=HOUR)
    lines = list(explanation_text(explain(fleet_of([store]), asked), 0))
    assert "  Longest gap       unknown beyond 1:00:00 from the nearest poll (rule 8)" in lines
    assert (
        "  05:00:00        11:00:00        unknown 3:00:00, every poll is too far, rule 8" in lines
    )
    assert "  uptime is n/a: none is known (rule 13)" in lines


def test_it_says_that_no_poll_counts():
    (opening,) = explained(Store(), "2023-01-24 10:00", "2023-01-24 11:00").openings
    (span,) = opening.spans
    assert (span.state, span.rule) == ("unknown", "no_evidence")


def test_it_needs_one_store():
    asked = Question(as_of=0, windows=parse_windows(["1h"]))
    with pytest.raises(ValueError, match="one store"):
        explain(fleet_of([Store(), Store()]), asked)


def test_a_store_alone_is_that_of_the_fleet():
    stores = [
        Store(time_zone="UTC", hours=hours("Tue 09:00-12:00"), polls=polls("2023-01-24 10:00 up")),
        Store(),
        Store(hours=hours("Mon 09:00-12:00"), polls=polls("2023-01-24 11:00 up, 12:00 down")),
    ]
    fleet = fleet_of(stores)
    for number, alone in enumerate(each_store(fleet)):
        single = one_store(fleet, number)
        assert alone.store_ids == single.store_ids == [f"store {number}"]
        assert len(alone.polls.at) == len(stores[number].polls)
        for part in ("hours", "polls"):
            for name, column in vars(getattr(single, part)).items():
                assert column.tolist() == getattr(getattr(alone, part), name).tolist()


def test_it_finds_an_explanation_that_does_not_add_up():
    asked = Question(as_of=at("2023-01-24 14:00"), windows=parse_windows(["1h", "3h"]))
    fleet = fleet_of([Store(), Store(polls=polls("2023-01-24 10:00 up"))])
    summary = summarise(fleet, asked)
    assert list(differences(fleet, asked, summary)) == []
    summary.up[1, 1] -= 1
    assert list(differences(fleet, asked, summary)) == [
        Difference(
            store_id="store 1", place=1, measure="up", reported=3 * HOUR - 1, explained=3 * HOUR
        )
    ]


def test_it_names_the_special_days_that_opened_or_closed_it():
    store = Store(
        time_zone="UTC",
        hours=hours("daily 09:00-12:00"),
        special_days=special_days("2023-01-24 closed, 2023-01-25 10:00-23:59, 2023-01-27 closed"),
    )
    asked = Question(as_of=at("2023-01-27 00:00"), windows=parse_windows(["3d"]))
    found = explain(fleet_of([store]), asked)
    special, usual = found.windows[0].openings
    assert (special.rule, usual.rule) == ("special_day", "business_hours")
    assert [(row.date.day, row.notes) for row in special.special_rows] == [
        (25, ("closes_at_midnight",))
    ]
    assert [day.day for day in found.windows[0].closed_dates] == [24]
    lines = list(explanation_text(found, 0))
    assert "    special day: closed on Tue 24 Jan 2023 (rule 20)" in lines
    assert "    special day: 10:00:00-23:59:00 of Wed 25 Jan 2023 (rule 20)" in lines
    told = told_explanation(found, 0)
    assert told["closed_special_days"] == ["2023-01-24"]
    assert told["openings"][0]["rule"] == 20


def test_it_says_what_is_excluded():
    store = Store(
        time_zone="UTC",
        hours=hours("Tue 09:00-12:00"),
        polls=polls("2023-01-24 08:00 up, 10:14 up, 10:40 down, 11:15 down"),
        exclusions=spans(
            "2023-01-24 07:00 to 2023-01-24 09:30, 2023-01-24 10:30 to 2023-01-24 11:00"
        ),
    )
    window = explained(store, "2023-01-24 06:00", "2023-01-24 12:00")
    assert window.sums == Sums(up=HOUR, down=HOUR, excluded=HOUR)
    assert [poll.use for poll in window.polls] == [
        *("outside_hours", "decides", "in_exclusion", "decides")
    ]
    (opening,) = window.openings
    assert [(span.state, RULES[span.rule]) for span in opening.spans] == [
        *(("excluded", 21), ("up", 7), ("excluded", 21), ("down", 7))
    ]
