"""The page of one store."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from dashboard.pages.page import Page
from dashboard.pages.store.asked import Asked, asked_of, instant_of
from dashboard.pages.store.explained import why_of
from dashboard.pages.store.fitting import fitting_of
from dashboard.pages.store.numbers import Numbers
from dashboard.pages.store.reading import Shown, read
from dashboard.pages.store.state import UNKNOWN_NEAR, outage_list, state_of
from dashboard.pictures.timeline import STATES, axis, strips, told_spans
from dashboard.poller_outages import silences_of
from dashboard.snapshots.reading import Snapshot, current_snapshot
from dashboard.targets import of_store
from fleet.extent import newest_poll
from fleet.models import Store
from jobs import clock
from stores.answers import instant
from stores.backoffice.weekly_picture import weekly_words
from stores.exclusions.words import shown_exclusions
from stores.history import Gone
from stores.special_days import SHOWN_BEFORE, days_of, in_words, recent_days_of
from stores.week import weekly_openings
from uptime import Fleet, Timeline
from uptime.instants import from_microseconds, to_microseconds
from uptime.open_time.zones import DEFAULT_TIME_ZONE, load_zone
from uptime.poller.scopes import FLEET, TAG, ZONE

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_EPOCH = from_microseconds(0)


class StorePage(Page):
    """Its state, its numbers, its days, its outages and its settings."""

    section = "stores"
    template_name = "dashboard/store.html"

    def get(self, request: "HttpRequest", *args: Any, **kwargs: Any) -> "HttpResponse":
        try:
            return super().get(request, *args, **kwargs)
        except (Store.DoesNotExist, Gone):
            return missing(self)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = super().get_context_data(**kwargs)
        store = Store.objects.prefetch_related("tags").get(store_id=kwargs["store_id"])
        zone = store.time_zone_id or DEFAULT_TIME_ZONE
        head = {**shown, "store": store, "zone": zone}
        # That of the board, so that both say the same of a store.
        snapshot = current_snapshot()
        newest = snapshot.as_of if snapshot else newest_poll()
        if newest is None:
            rows = store.business_hours.values_list("weekday", "opens", "closes")
            return {
                **head,
                "week_words": weekly_words(weekly_openings(rows)),
                "special_days": in_words(recent_days_of(store)),
            }
        asked = asked_of(self.request.GET, as_of=to_microseconds(newest), zone=zone)
        found = read(store, asked, newest)
        now = clock.now()
        return {
            **head,
            **_of_state(store, found, to_microseconds(newest), snapshot, now),
            **_of_days(found, asked, zone, _silences(store, zone, snapshot, now)),
            "week_words": weekly_words(weekly_openings(_hours(found.fleet))),
            "special_days": in_words(days_of(store, asked.days[0].date - SHOWN_BEFORE)),
            **_of_hours(store, found, to_microseconds(newest)),
            "targets": of_store(snapshot, store.store_id) if snapshot else [],
            "asked": asked,
            "given": {name: _typed(self.request.GET.get(name, ""), zone) for name in _WINDOW},
            "numbers": [(one, one.sentence(_changes(found.line, one))) for one in found.numbers],
            "why": found.explained and why_of(found.explained, asked.why, zone),
            "trouble": found.trouble,
            "exclusions": shown_exclusions(store, asked.days[0].start, asked.days[-1].end),
        }


_WINDOW = ("from", "to")


def missing(page: Page) -> "HttpResponse":
    """Return the page for the address of a store that does not exist."""
    shown = Page.get_context_data(page, store_id=page.kwargs["store_id"])
    return render(page.request, "dashboard/store/missing.html", shown, status=404)


def _of_state(
    store: Store, found: Shown, as_of: int, snapshot: Snapshot | None, now: datetime
) -> dict[str, Any]:
    polled = to_microseconds(store.last_polled_at) if store.last_polled_at else None
    near = snapshot.head.near if snapshot else UNKNOWN_NEAR
    age = to_microseconds(now) - as_of
    return {
        "as_of": as_of,
        "api_as_of": instant(as_of),
        "age": max(age, 0),
        "is_stale": age > near,
        "now": found.now and state_of(found.now, near, polled),
    }


def _of_hours(store: Store, found: Shown, as_of: int) -> dict[str, Any]:
    """Return hours that would fit better; nothing if polls of these days are gone."""
    fitting = fitting_of(store, found.fleet, as_of) if found.now else None
    return {"fitting": fitting, "fitting_words": fitting and weekly_words(fitting.week)}


def _silences(
    store: Store, zone: str, snapshot: Snapshot | None, now: datetime
) -> list[tuple[int, int]]:
    """Return when nobody polled the store, by the snapshot's search."""
    scopes = {FLEET, f"{ZONE}{zone}", *(f"{TAG}{tag.name}" for tag in store.tags.all())}
    return silences_of(snapshot, scopes, now) if snapshot else []


def _of_days(
    found: Shown, asked: Asked, zone: str, silences: list[tuple[int, int]]
) -> dict[str, Any]:
    line = found.line
    if line is None or found.outages is None:
        return {}
    edges = {edge for one in found.numbers if one.can_mark for edge in (one.start, one.end)}
    return {
        "line": line,
        "axis": axis(asked.days),
        "strips": strips(line, asked.days, edges, asked.at, silences),
        "is_silent": any(start < line.end and end > line.start for start, end in silences),
        "spans": told_spans(line, zone),
        "states": STATES,
        "outages": outage_list(found.outages),
        "api_query": {"from": instant(line.start), "to": instant(line.end)},
    }


def _changes(line: Timeline | None, one: Numbers) -> int | None:
    """Return how often the store went up or down in the window; None if it is not drawn."""
    if line is None or not one.can_mark:
        return None
    inside = [
        span.state
        for span in line.spans
        if span.state in {"up", "down"} and span.start < one.end and span.end > one.start
    ]
    return sum(before != after for before, after in pairwise(inside))


def _hours(fleet: Fleet) -> list[tuple[int, Any, Any]]:
    """Return the rows of business hours of the one store."""
    hours = fleet.hours
    columns = (hours.weekday.tolist(), hours.opens.tolist(), hours.closes.tolist())
    return [
        (weekday, _wall(opens), _wall(closes))
        for weekday, opens, closes in zip(*columns, strict=True)
    ]


def _wall(microseconds: int) -> Any:
    return (_EPOCH + timedelta(microseconds=microseconds)).time()


def _typed(text: str, zone: str) -> str:
    """Return an instant as a form shows it, a wall time of the zone; "" for what is none."""
    at = instant_of(text, zone)
    return f"{from_microseconds(at).astimezone(load_zone(zone)):%Y-%m-%dT%H:%M}" if at else ""
