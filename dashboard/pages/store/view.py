"""The view of one store."""

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import OperationalError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from access.scopes import ADMIN, READ
from dashboard.pages.page import Page, rights
from dashboard.pages.store.asked import Asked, read_address
from dashboard.pages.store.history import MOST_POLLS, Shown, TooMany, read_history
from dashboard.pages.store.hours_form import EditForm
from dashboard.pages.store.outages import outages_of
from dashboard.pages.store.words import span_words
from dashboard.pictures.timeline import strips
from dashboard.snapshots.reading import current_snapshot
from fleet.editing import Changed, edit_store
from fleet.extent import newest_poll
from fleet.models import Store
from reports.request.kept import PollsGone
from stores.backoffice.weekly_picture import weekly_words
from stores.history import Gone
from stores.week import weekly_openings
from uptime.instants import to_microseconds
from uptime.open_time.zones import DEFAULT_TIME_ZONE
from uptime.state.fleet import near
from uptime.state.now import STATES

if TYPE_CHECKING:
    from django.http import HttpRequest

BUSY = "Files are being stored just now; nothing was changed. Try again in a moment."


class StorePage(Page):
    """State, numbers, timeline and settings of one store."""

    section = "stores"
    template_name = "dashboard/store.html"

    def needed(self, request: "HttpRequest") -> str:
        return ADMIN if request.method == "POST" else READ

    def get(self, request: "HttpRequest", *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().get(request, *args, **kwargs)
        except (Http404, Gone):
            return self._missing(request)

    def post(self, request: "HttpRequest", store_id: str) -> HttpResponse:
        """Change the settings of the store, or show what is wrong with them."""
        store = _stores().filter(store_id=store_id).first()
        if store is None:
            return self._missing(request)
        form = EditForm(request.POST, instance=store)
        if not form.is_valid():
            context = self.get_context_data(store_id=store_id, form=form)
            return self.render_to_response(context, status=422)
        try:
            edit_store(store_id, form.settings(), seen=[form.cleaned_data["seen"]])
        except (Changed, OperationalError) as error:
            messages.error(request, str(error) if isinstance(error, Changed) else BUSY)
        except Store.DoesNotExist:
            return self._missing(request)
        else:
            messages.success(request, "Changed. Numbers of open time follow the new hours.")
        return HttpResponseRedirect(request.get_full_path())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        store = _stores().filter(store_id=kwargs["store_id"]).first()
        if store is None:
            raise Http404
        zone = store.time_zone_id or DEFAULT_TIME_ZONE
        hours = [(row.weekday, row.opens, row.closes) for row in store.business_hours.all()]
        shown = super().get_context_data(**kwargs)
        shown |= {
            "store": store,
            "zone": zone,
            "week_words": weekly_words(weekly_openings(hours)),
        }
        if shown["may"][ADMIN]:
            shown.setdefault("form", EditForm(instance=store))
        newest = newest_poll()
        if newest is None:
            return shown
        as_of = to_microseconds(newest)
        asked = read_address(self.request.GET, as_of=as_of, zone=zone)
        shown |= {"as_of": as_of, "asked": asked}
        try:
            return {**shown, **_of_history(read_history(store, asked, as_of), asked, zone)}
        except PollsGone as error:
            return {**shown, "problem": str(error)}
        except TooMany:
            return {**shown, "problem": f"These days have more than {MOST_POLLS:,} polls."}

    def _missing(self, request: "HttpRequest") -> HttpResponse:
        shown = {"section": self.section, "may": rights(request)}
        return render(request, "dashboard/store/missing.html", shown, status=404)


def _stores() -> Any:
    return Store.objects.prefetch_related("tags", "business_hours")


def _of_history(history: Shown, asked: Asked, zone: str) -> dict[str, Any]:
    now = history.state.now
    snapshot = current_snapshot()
    limit = snapshot.head.near if snapshot else near(history.state.distances)
    cuts = [edge for number in history.numbers for edge in (number.start, number.end)]
    described = partial(span_words, hours=history.hours, zone=zone)
    shown = strips(history.line, asked.days, cuts=cuts, described=described, marked=asked.marked)
    return {
        "state": STATES[int(now.states(limit)[0])],
        "near": limit,
        "since": int(now.since[0]),
        "turned": int(now.turned[0]),
        "turns": int(now.turns[0]),
        "seen_at": int(now.seen_at[0]),
        "down_in_opening": int(now.down_in_opening[0]),
        "numbers": history.numbers,
        "strips": shown,
        "outages": outages_of(history.line),
        "line": history.line,
    }
