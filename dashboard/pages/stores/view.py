"""The views of the list of stores."""

from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse

from dashboard.pages.page import Page, SnapshotPage, is_partial
from dashboard.pages.stores.asked import NO_ZONE, SIZES, Asked, read_address
from dashboard.pages.stores.choosing import chosen, in_order
from dashboard.pages.stores.rows import csv_rows, page_rows
from dashboard.snapshots.reading import Snapshot, current_snapshot
from uptime.state.now import STATES

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

HEADS = (
    ("name", "Store", ""),
    ("state", "State", ""),
    ("hour", "Hour", "number"),
    ("day", "Day", "number"),
    ("week", "Week", "number"),
    ("down", "Down in the week", "number"),
    ("coverage", "Seen", "number"),
    ("outages", "Outages", "number"),
    ("longest", "Longest", "number"),
    ("last_poll", "Last poll", ""),
)


class StoresPage(SnapshotPage):
    """All stores, a page at a time."""

    section = "stores"
    template_name = "dashboard/stores.html"
    part = "dashboard/stores/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = super().get_context_data(**kwargs)
        asked = read_address(self.request.GET)
        if self.snapshot is None:
            return {**shown, "asked": asked}
        return {**shown, **_listed(self.snapshot, asked)}

    # As short as the links beside it, without the fields of the form that are empty.
    def get(self, request: "HttpRequest", *args: Any, **kwargs: Any) -> "HttpResponse":
        response = super().get(request, *args, **kwargs)
        if is_partial(request):
            asked = read_address(request.GET)
            query = asked.address(page=asked.page)
            response.headers["HX-Replace-Url"] = (
                f"{request.path}?{query}" if query else request.path
            )
        return response


class StoresCsv(Page):
    """All stores that the list shows, on all its pages, as CSV."""

    # A file, not a template.
    def get(self, request: "HttpRequest") -> "HttpResponseBase":  # type: ignore[override]
        snapshot = current_snapshot()
        if snapshot is None:
            return HttpResponseRedirect(reverse("dashboard:stores"))
        asked = read_address(request.GET)
        rows = in_order(snapshot, chosen(snapshot, asked), asked)
        name = f"stores-{snapshot.as_of:%Y-%m-%dT%H%M%SZ}.csv"
        return StreamingHttpResponse(
            csv_rows(snapshot, rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _listed(snapshot: Snapshot, asked: Asked) -> dict[str, Any]:
    rows = in_order(snapshot, chosen(snapshot, asked), asked)
    pages = max(-(-len(rows) // asked.size), 1)
    page = min(asked.page, pages)
    first = (page - 1) * asked.size
    stores = page_rows(snapshot, rows[first : first + asked.size])
    return {
        "asked": asked,
        "stores": stores,
        "count": len(rows),
        "first": first + 1,
        "last": first + len(stores),
        "page": page,
        "pages": pages,
        "earlier": asked.address(page=page - 1) if page > 1 else "",
        "later": asked.address(page=page + 1) if page < pages else "",
        "heads": [(*head, asked.sorted_by(head[0]), _order(asked, head[0])) for head in HEADS],
        "address": asked.address(),
        "states": STATES,
        "sizes": SIZES,
        "zones": _with(asked.zone, [*sorted(filter(None, _zones(snapshot))), NO_ZONE]),
        "tags": _with(asked.tag, list(snapshot.tags)),
    }


def _zones(snapshot: Snapshot) -> list[str]:
    return [str(name) for name in snapshot.texts("time_zone").unique().to_pylist()]


def _with(asked: str, known: list[str]) -> list[str]:
    """Return the choices, with one that no store has if the address asks for it."""
    return known if not asked or asked in known else [*known, asked]


def _order(asked: Asked, column: str) -> str:
    if column != asked.column:
        return ""
    return "descending" if asked.descending else "ascending"
