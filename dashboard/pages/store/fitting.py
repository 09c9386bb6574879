"""Hours that look wrong, on the page of their store, with a form that accepts those that fit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dashboard.pages.store.settings import SettingsForm, text_of_openings
from fleet.editing import Opening
from fleet.models import BusinessHours, Store
from stores.week import OpeningOfWeek, weekly_openings
from uptime import Fleet
from uptime.fitting.suggesting import Suggestion, fitted, suggestions
from uptime.instants import from_microseconds


@dataclass(frozen=True, kw_only=True)
class Fitting:
    """What was seen at each edge, the week that would fit, and the form that makes it so."""

    edges: list[dict[str, Any]]
    week: tuple[OpeningOfWeek, ...]
    form: SettingsForm


def fitting_of(store: Store, fleet: Fleet, as_of: int) -> Fitting | None:
    """Return what would fit the one store of a fleet; None if its hours look right."""
    found = suggestions(fleet, as_of)
    if not found:
        return None
    openings = [
        Opening(weekday, _wall(opens), _wall(closes))
        for weekday, opens, closes in fitted(fleet, 0, found)
    ]
    form = SettingsForm(instance=store)
    for day in BusinessHours.Weekday:
        own = sorted(one for one in openings if one.weekday == day)
        form.initial[f"day_{day.value}"] = text_of_openings(own)
    return Fitting(edges=list(_edges(fleet, found)), week=weekly_openings(openings), form=form)


def _edges(fleet: Fleet, found: Iterable[Suggestion]) -> Iterable[dict[str, Any]]:
    for one in found:
        days = sorted({int(fleet.hours.weekday[row]) for row in one.rows})
        yield {
            "opens": one.edge == "opens",
            "was": f"{_wall(one.was):%H:%M}",
            "fits": f"{_wall(one.fits):%H:%M}",
            "seen": one.seen,
            "of": one.of,
            "days": ", ".join(BusinessHours.Weekday(day).label for day in days),
        }


def _wall(since_midnight: int) -> Any:
    return (from_microseconds(0) + timedelta(microseconds=since_midnight)).time()
