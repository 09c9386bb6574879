"""Stores whose business hours look wrong, found in the database's polls."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from fleet.models import Store
from reports.build.planning import plan
from reports.build.selectors import load_fleet
from reports.request.kept import check_there
from stores.history import Gone, fleet_of
from uptime import Fleet
from uptime.fitting.suggesting import Suggestion, fitted, question_of_hours, suggestions
from uptime.instants import from_microseconds, to_microseconds

Row = tuple[int, time, time]


@dataclass(frozen=True, kw_only=True)
class LooksWrong:
    """A store's suggestions, the weekdays of each, and all its rows as they would be."""

    store_id: str
    edges: list[tuple[Suggestion, list[int]]]
    business_hours: list[Row]


def looking_wrong(as_of: datetime, store: Store | None = None) -> list[LooksWrong]:
    """Return the stores whose hours look wrong, or the one ``store`` if its do, by their ids.

    Raises PollsGone if polls of these days were pruned, and what ``load_fleet`` raises.
    """
    instant = to_microseconds(as_of)
    first = question_of_hours(instant).first_poll
    found = [one for fleet in _fleets(first, instant, store) for one in wrong_in(fleet, instant)]
    check_there(first)
    return sorted(found, key=lambda one: one.store_id.encode())


def wrong_in(fleet: Fleet, as_of: int) -> Iterator[LooksWrong]:
    """Yield the stores of a fleet whose hours look wrong."""
    found = suggestions(fleet, as_of)
    for store in dict.fromkeys(one.store for one in found):
        own = [one for one in found if one.store == store]
        yield LooksWrong(
            store_id=fleet.store_ids[store],
            edges=[(one, _weekdays(fleet, one)) for one in own],
            business_hours=[
                (weekday, wall_time(opens), wall_time(closes))
                for weekday, opens, closes in fitted(fleet, store, own)
            ],
        )


def wall_time(since_midnight: int) -> time:
    """Return a time of day from microseconds since midnight."""
    return (from_microseconds(0) + timedelta(microseconds=since_midnight)).time()


def _fleets(start: int, end: int, store: Store | None) -> Iterator[Fleet]:
    if store is not None:
        try:
            yield fleet_of(store, start=start, end=end)
        except Gone:
            return
        return
    for keys in plan(start, end):
        yield load_fleet(start=start, end=end, keys=(keys.first, keys.last))


def _weekdays(fleet: Fleet, one: Suggestion) -> list[int]:
    return sorted({int(fleet.hours.weekday[row]) for row in one.rows})
