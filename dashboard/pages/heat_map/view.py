"""The views of the heat map: its bytes, and pages of 50 stores with their names."""

import base64
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control

from dashboard.pages.heat_map.picture import MILLISECOND, encoded, picture_of, version, worst_in
from dashboard.pages.page import Page, SnapshotPage
from dashboard.snapshots.reading import Snapshot, current_snapshot

if TYPE_CHECKING:
    from django.http import HttpRequest

PAGE = 50
_YEAR = 365 * 24 * 3600
_COLUMNS = ("store_id", "name", "up week", "down week", "open week")


class HeatMapBytes(Page):
    """The cells of all stores for the canvas; see ``picture.encoded``.

    An address that names the snapshot (``?snapshot=``) stays what it is, and browsers keep it.
    """

    def get(self, request: "HttpRequest", *_args: Any, **_kwargs: Any) -> HttpResponse:
        snapshot = current_snapshot()
        if snapshot is None:
            raise Http404("There is no snapshot yet.")
        etag = f'"{version(snapshot)}"'
        response = get_conditional_response(request, etag)
        if response is None:
            response = HttpResponse(encoded(snapshot), content_type="application/octet-stream")
            response.headers["ETag"] = etag
        if request.GET.get("snapshot") == version(snapshot):
            patch_cache_control(response, private=True, max_age=_YEAR, immutable=True)
        else:
            patch_cache_control(response, private=True, no_cache=True)
        return response


class HeatMapRows(SnapshotPage):
    """Stores in the order of the heat map, 50 a page, each with its week.

    ``?first=`` is the place of the first. ``?row=`` and ``&hour=`` are a cell of the picture: the
    page is the one around the store that gives it its value, which is marked.
    """

    section = "board"
    template_name = "dashboard/heat_map/page.html"
    part = "dashboard/heat_map/rows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = super().get_context_data(**kwargs)
        if self.snapshot is None:
            return shown
        chosen = self._chosen(self.snapshot)
        first = self._number("first", 0) if chosen is None else chosen - PAGE // 2
        return {**shown, **_page(self.snapshot, first), "chosen": chosen}

    def _chosen(self, snapshot: Snapshot) -> int | None:
        try:
            return worst_in(snapshot, self._number("row", -1), self._number("hour", -1))
        except IndexError:
            return None

    def _number(self, name: str, default: int) -> int:
        text = self.request.GET.get(name, "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else default


def _page(snapshot: Snapshot, first: int) -> dict[str, Any]:
    """Return the stores from a place on, which is moved into the order, and the pages beside."""
    order, head = picture_of(snapshot).order, snapshot.head
    start = max(min(first, len(order) - PAGE), 0)
    places = order[start : start + PAGE]
    stores = snapshot.rows(places, _COLUMNS)
    for number, (store, place) in enumerate(zip(stores, places, strict=True), start=start):
        store["place"] = number
        store["cells"] = base64.b64encode(snapshot.cells[place].tobytes()).decode()
    end = start + len(stores)
    return {
        "stores": stores,
        "total": len(order),
        "first": start,
        "end": end,
        "previous": max(start - PAGE, 0) if start else None,
        "next": end if end < len(order) else None,
        "week": [head.edges[0] // MILLISECOND, head.edges[-1] // MILLISECOND],
    }
