"""The open time after as of, for every fleet and every window of a target."""

from hypothesis import given
from hypothesis import strategies as st

from tests.reference import DEFAULT_ZONE, open_intervals, share_of, wall_clock, zone
from tests.reference_windows import dates_of, start_of
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.strategies import Fleet, fleets, often
from uptime import Question, parse_windows
from uptime.targets.to_come import open_to_come

CALENDAR = ["today", "this-week", "this-month", "yesterday", "last-month"]


@often
@given(fleets(), st.sampled_from(CALENDAR))
def test_it_equals_the_reference(fleet: Fleet, text: str):
    question = Question(as_of=fleet.as_of, windows=parse_windows([text, "7d"]))
    found = open_to_come(fleet_of(fleet.stores), question)
    assert found[1].tolist() == [0] * len(fleet.stores)
    for place, store in enumerate(fleet.stores):
        where = store.time_zone or DEFAULT_ZONE
        days = dates_of(text, wall_clock(fleet.as_of, zone(where)).date())
        start, end = (max(start_of(day, where), fleet.as_of) for day in days)
        intervals = open_intervals(store, start, end)
        assert found[0, place] == share_of(store, (start, end), intervals, [], None).counted
