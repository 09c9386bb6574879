"""The views of the board."""

from typing import Any

from django.http import HttpResponse

from dashboard.pages.board import sums
from dashboard.pages.board.local_hours import week_of
from dashboard.pages.page import SnapshotPage
from dashboard.pictures.pattern import pattern_picture, pattern_rows
from dashboard.pictures.shares import share_bar
from dashboard.poller_outages import of_week
from dashboard.snapshots.reading import Snapshot
from dashboard.targets import of_board
from fleet.models import Store
from ingestion.sample_stores import has_sample
from jobs import clock


class BoardPage(SnapshotPage):
    """Stores offline now, how the fleet did this week, and its heat map."""

    section = "board"
    template_name = "dashboard/board.html"
    part = "dashboard/board/content.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = super().get_context_data(**kwargs)
        if self.snapshot is None:
            return {**shown, "is_empty": not Store.objects.exists()}
        return {
            **shown,
            "is_sample": has_sample(),
            "poller_outages": of_week(self.snapshot, clock.now()),
            **self.snapshot.kept("board", _numbers),
        }


class AsOfPart(SnapshotPage):
    """How old the data is; tells an open board that there is a newer snapshot."""

    section = "board"
    template_name = "dashboard/board/as_of.html"

    def render_to_response(self, context: Any, **kwargs: Any) -> HttpResponse:
        """Add the event that makes the board fetch its content again if that has changed."""
        response = super().render_to_response(context, **kwargs)
        seen = self.request.GET
        if self.snapshot and (
            seen.get("snapshot") != str(self.snapshot.number)
            or ("stale" in seen) != context["is_stale"]
        ):
            response.headers["HX-Trigger"] = "snapshot"
        return response


def _numbers(snapshot: Snapshot) -> dict[str, Any]:
    week = week_of(snapshot)
    worst, best = sums.extremes(snapshot)
    return {
        "counts": sums.counts(snapshot),
        "targets": of_board(snapshot),
        "offline": sums.offline(snapshot),
        "totals": sums.totals(snapshot),
        "days": [(total, share_bar(total)) for _, total in week.days],
        "has_excluded": any(total.excluded for _, total in week.days),
        "pattern": pattern_picture(week.pattern),
        "pattern_rows": pattern_rows(week.pattern),
        "worst": worst,
        "best": best,
        "zones": sums.by_zone(snapshot),
        "tags": sums.by_tag(snapshot),
    }
