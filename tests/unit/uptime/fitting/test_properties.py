"""Rule 32 for any stores, against the reference, and the worked example of the docs."""

import random
from datetime import time

from hypothesis import given
from hypothesis import strategies as st

from tests import reference_fitting
from tests.reference import DAY, HOUR, MINUTE, Hours, Poll, Store, wall_clock, zone
from tests.unit.uptime.fitting.test_suggesting import wall
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.notation import at
from tests.unit.uptime.strategies import CHANGES, often
from tests.unit.uptime.test_doc import BY_ANSWER, HOURS_THAT_FIT, Example, each
from uptime.fitting.suggesting import suggestions

CLOCKS = [time(0), time(6), time(9), time(9, 30), time(18), time(22), time(23, 59)]


@st.composite
def stores(draw: st.DrawFn, as_of: int, zone_name: str) -> Store:
    """A store that is inactive at an edge on most days, in the days around a change of clocks."""
    pairs = st.tuples(st.sampled_from(CLOCKS), st.sampled_from(CLOCKS))
    daily = draw(pairs)
    rows = [Hours(weekday=day, opens=daily[0], closes=daily[1]) for day in range(7)]
    for day in draw(st.lists(st.integers(0, 6), max_size=2)):
        opens, closes = draw(pairs)
        rows.append(Hours(weekday=day, opens=opens, closes=closes))
    begins, ends = draw(st.integers(0, 1440)), draw(st.integers(0, 1440))
    odd = draw(st.sets(st.integers(0, 8), max_size=2))
    # One draw instead of 192.
    minutes = random.Random(draw(st.integers(0, 1 << 20))).choices(range(60), k=8 * 24)
    polls = []
    for hour in range(8 * 24):
        instant = as_of - 8 * DAY + hour * HOUR + minutes[hour] * MINUTE
        local = wall_clock(instant, zone(zone_name))
        minute = local.hour * 60 + local.minute
        usual = min(begins, ends) <= minute < max(begins, ends)
        polls.append(Poll(at=instant, active=usual or hour // 24 in odd))
    return Store(time_zone=zone_name, hours=rows, polls=polls)


@st.composite
def fleets(draw: st.DrawFn) -> tuple[list[Store], int]:
    zone_name, moment = draw(st.sampled_from(CHANGES[:9]))
    as_of = at(moment) + draw(st.integers(0, 6)) * DAY + draw(st.integers(0, 24)) * HOUR
    return draw(st.lists(stores(as_of, zone_name), min_size=1, max_size=2)), as_of


@often
@given(fleets())
def test_it_equals_the_reference(drawn: tuple[list[Store], int]):
    fleet, as_of = drawn
    columns = fleet_of(fleet)
    found = suggestions(columns, as_of)
    for place, store in enumerate(fleet):
        own = {
            (
                one.edge,
                one.was,
                one.fits,
                one.seen,
                one.of,
                tuple(sorted({int(columns.hours.weekday[row]) for row in one.rows})),
            )
            for one in found
            if one.store == place
        }
        assert own == reference_fitting.suggested(store, as_of)


@each(BY_ANSWER[HOURS_THAT_FIT])
def test_it_suggests_what_the_page_says(example: Example):
    stores = dict(sorted(example.stores.items()))
    expected = [tuple(row.values()) for row in example.rows(HOURS_THAT_FIT)]
    found = suggestions(fleet_of(list(stores.values()), list(stores)), example.as_of)
    by_the_core = [(one.store, one.edge, one.was, one.fits, one.seen, one.of) for one in found]
    by_the_reference = [
        (place, *one[:5])
        for place, store in enumerate(stores.values())
        for one in reference_fitting.suggested(store, example.as_of)
    ]
    for answer in (by_the_core, by_the_reference):
        assert expected == [
            (list(stores)[place], edge, wall(was), wall(fits), str(seen), str(of))
            for place, edge, was, fits, seen, of in answer
        ]
