"""Hours that look wrong: what is suggested, and what is not."""

from dataclasses import replace
from datetime import time

import numpy as np
import pytest

from tests.reference import DAY, HOUR, MINUTE, Hours, Poll, Store
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.notation import at, hours
from uptime.fitting.suggesting import Suggestion, fitted, suggestions

AS_OF = at("2024-01-15 00:00")
ALWAYS = range(24 * 60)


def polled(active, *, minute=7, days=7, every=60, jitter=0, seed=0):
    """Polls once an hour; ``active``: a test of the day, 0 the earliest, and the minute in UTC."""
    chance = np.random.default_rng(seed)
    found = []
    for day in range(days):
        for start in range(minute, 24 * 60, every):
            instant = start + (int(chance.integers(jitter)) if jitter else 0)
            when = AS_OF - (days - day) * DAY + instant * MINUTE
            found.append(Poll(at=when, active=bool(active(day, instant))))
    return found


def store(text, active, zone="UTC", **polls):
    return Store(time_zone=zone, hours=hours(text), polls=polled(active, **polls))


def suggested(*stores):
    return suggestions(fleet_of(stores), AS_OF)


def between(opens, closes):
    def active(_, minute):
        return opens * 60 <= minute < closes * 60

    return active


def told(found: Suggestion):
    return found.edge, wall(found.was), wall(found.fits)


def wall(since_midnight):
    return time(since_midnight // HOUR, since_midnight % HOUR // MINUTE).isoformat("minutes")


def test_it_finds_a_store_that_opens_later():
    (found,) = suggested(store("daily 09:00-18:00", between(11, 18)))
    # Inactive at 10:07, active at 11:07: of what fits the smallest change.
    assert told(found) == ("opens", "09:00", "10:15")
    assert (found.seen, found.of, len(found.rows)) == (7, 7, 7)


def test_it_finds_a_store_that_closes_earlier():
    (found,) = suggested(store("daily 09:00-18:00", between(9, 16)))
    assert told(found) == ("closes", "18:00", "16:00")


def test_midnight_is_midnight_in_each_way_of_writing_it():
    written = ("23:59", "00:00")
    found = [suggested(store(f"daily 12:00-{one}", between(12, 22)))[0] for one in written]
    assert [told(one) for one in found] == [
        ("closes", "23:59", "22:00"),
        ("closes", "00:00", "22:00"),
    ]


def test_it_finds_both_edges():
    found = suggested(store("daily 09:00-18:00", between(10.5, 16.5)))
    assert [told(one)[:2] for one in found] == [("opens", "09:00"), ("closes", "18:00")]


def test_polls_at_different_minutes_narrow_it_down():
    (found,) = suggested(store("daily 09:00-18:00", between(11, 18), minute=0, jitter=60))
    assert told(found)[2] in {"10:30", "10:45", "11:00"}


def test_it_is_the_wall_clock_that_counts():
    (found,) = suggested(
        store("daily 09:00-18:00", between(16, 24), zone="America/New_York", minute=20)
    )
    assert told(found) == ("opens", "09:00", "10:30")


def test_it_leaves_weekdays_that_fit():
    def active(day, minute):
        return minute >= (9 if day == 6 else 11) * 60

    (found,) = suggested(store("daily 09:00-18:00", active))
    # The last of the days was a Sunday.
    assert [row % 7 for row in found.rows] == [0, 1, 2, 3, 4, 5]
    assert (found.seen, found.of) == (6, 7)


@pytest.mark.parametrize(
    ("text", "active"),
    [
        ("daily 09:00-18:00", between(9, 18)),
        ("daily 09:00-18:00", between(0, 24)),
        # By less than half an hour.
        ("daily 09:00-18:00", between(9.2, 18)),
        # Down all day, every day: an outage or a closed store, and no edge.
        ("daily 09:00-18:00", lambda *_: False),
        # On three days of seven.
        ("daily 09:00-18:00", lambda day, minute: minute >= (11 if day < 3 else 9) * 60),
        # Each day at another time.
        ("daily 09:00-18:00", lambda day, minute: minute >= (10 + day) * 60),
        # Too few openings at that time of day.
        ("Sat-Sun 09:00-18:00", between(12, 18)),
        # It never closes, whether the rows say so or there is none.
        ("daily 00:00-23:59", between(8, 24)),
        ("", between(8, 24)),
        # No edge where two openings touch.
        ("daily 00:00-12:00, daily 12:00-00:00", lambda _, minute: minute >= 14 * 60),
        # More than half of the opening.
        ("daily 09:00-11:15", between(11, 12)),
    ],
)
def test_it_suggests_nothing(text, active):
    assert suggested(store(text, active)) == []


def test_stores_do_not_affect_each_other():
    wrong, right = (
        store("daily 09:00-18:00", between(11, 18)),
        store("daily 09:00-18:00", between(9, 18)),
    )
    found = suggested(right, wrong, right)
    assert [one.store for one in found] == [1]
    assert set(found[0].rows) == set(range(7, 14))


def test_fitted_hours_end_it():
    """What is suggested, accepted, and looked at again has no suggestion left."""
    before = store("daily 09:00-18:00, Mon 19:00-20:00", between(10.5, 16.5))
    fleet = fleet_of([before])
    rows = fitted(fleet, 0, suggestions(fleet, AS_OF))
    assert len(rows) == 8
    assert {(wall(opens), wall(closes)) for _, opens, closes in rows} == {
        ("10:15", "17:00"),
        ("19:00", "20:00"),
    }
    after = [Hours(weekday=day, opens=at_wall(a), closes=at_wall(b)) for day, a, b in rows]
    assert suggested(replace(before, hours=after)) == []


def at_wall(since_midnight):
    return time(since_midnight // HOUR, since_midnight % HOUR // MINUTE)


def test_without_stores_or_polls_it_suggests_nothing():
    assert suggested() == []
    assert suggested(Store(time_zone="UTC", hours=hours("daily 09:00-18:00"), polls=[])) == []
