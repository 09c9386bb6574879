"""Windows on calendars, for every zone and fleet."""

from dataclasses import asdict
from datetime import timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests import reference_windows
from tests.reference import DAY, Store, summarise_store, wall_clock
from tests.reference import zone as reference_zone
from tests.reference_quality import assess_store
from tests.unit.uptime.fleets import bounds, fleet_of
from tests.unit.uptime.notation import at
from tests.unit.uptime.strategies import CHANGES, ZONES, near, often, stores, thoroughly
from uptime import Question, parse_windows, summarise
from uptime.windows.bounds import earliest_start

RELATIVE = ("today", "yesterday", "this-week", "last-week", "this-month", "last-month")


def texts_about(as_of: int) -> st.SearchStrategy[str]:
    """Windows of every kind, given ones around ``as_of``."""
    today = wall_clock(as_of, reference_zone("UTC")).date()
    days = st.integers(-70, 0).map(lambda n: today + timedelta(days=n))
    given_ones = [
        days.map(lambda day, form=form: day.strftime(form))
        for form in ("%Y-%m-%d", "%G-W%V", "%Y-%m")
    ]
    elapsed = st.tuples(st.integers(1, 99), st.sampled_from("hd")).map(lambda p: f"{p[0]}{p[1]}")
    return st.one_of(st.sampled_from(RELATIVE), *given_ones, elapsed)


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, int, list[str]]:
    zone, moment = draw(st.sampled_from([c for c in CHANGES if c[1] >= "1971"]))
    as_of = draw(near(at(moment) + DAY, 3 * DAY))
    zones = [zone, *draw(st.lists(st.sampled_from(ZONES), max_size=2))]
    return draw(texts_about(as_of)), as_of, zones


@thoroughly
@given(questions())
def test_it_begins_and_ends_where_the_reference_says(question: tuple[str, int, list[str]]):
    text, as_of, zones = question
    expected = [reference_windows.bounds_of(text, as_of=as_of, zone_name=zone) for zone in zones]
    assert bounds(text, as_of=as_of, zones=zones) == expected
    assert earliest_start(parse_windows([text]), as_of) <= min(start for start, _ in expected)


@often
@given(questions())
def test_it_gives_a_week_the_days_it_has(question: tuple[str, int, list[str]]):
    _, as_of, zones = question
    monday, _ = reference_windows.dates_of(
        "last-week", wall_clock(as_of, reference_zone(zones[0])).date()
    )
    (week,) = bounds(monday.strftime("%G-W%V"), as_of=as_of, zones=zones[:1])
    days = [monday + timedelta(days=n) for n in range(7)]
    parts = [bounds(str(day), as_of=as_of, zones=zones[:1])[0] for day in days]
    assert [week[0], *(end for _, end in parts)] == [*(start for start, _ in parts), week[1]]


@st.composite
def fleets_on_calendars(draw: st.DrawFn) -> tuple[list[Store], int, list[str]]:
    zone, moment = draw(st.sampled_from([c for c in CHANGES if c[1] >= "1971"]))
    change = at(moment)
    as_of = draw(near(change + DAY, DAY))
    some = draw(st.lists(stores(change, zone, as_of), min_size=1, max_size=3))
    texts = draw(st.lists(texts_about(as_of), min_size=1, max_size=3, unique=True))
    return some, as_of, texts


def numbers_of(stores: list[Store], as_of: int, texts: list[str]) -> list[dict[str, list[int]]]:
    """Every number of each store by its measure, one for each window."""
    windows = [parse_windows([text])[0] for text in texts]
    asked = Question(as_of=as_of, windows=windows, look_back=DAY, full=True)
    summary = summarise(fleet_of(stores), asked)
    measures = {**vars(summary), **vars(summary.quality)}
    arrays = {name: array for name, array in measures.items() if isinstance(array, np.ndarray)}
    return [
        {name: array[..., number].tolist() for name, array in arrays.items()}
        for number in range(len(stores))
    ]


@thoroughly
@given(fleets_on_calendars())
def test_it_fills_windows_on_calendars_as_the_reference_does(fleet):
    some, as_of, texts = fleet
    for store, found in zip(some, numbers_of(some, as_of, texts), strict=True):
        zone = store.time_zone or "America/Chicago"
        spans = [reference_windows.bounds_of(text, as_of=as_of, zone_name=zone) for text in texts]
        shares = summarise_store(store, as_of=as_of, windows=spans)
        qualities = assess_store(store, as_of=as_of, windows=spans)
        for n, (share, quality) in enumerate(zip(shares, qualities, strict=True)):
            for measure, number in (asdict(share) | asdict(quality)).items():
                assert found[measure][n] == number, measure
            assert found["open"][n] == share.open


@often
@given(fleets_on_calendars())
def test_it_gives_a_store_alone_what_it_has_in_a_fleet_of_many_zones(fleet):
    some, as_of, texts = fleet
    alone = [numbers_of([store], as_of, texts)[0] for store in some]
    assert alone == numbers_of(some, as_of, texts)
