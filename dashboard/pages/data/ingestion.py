"""The page of one file: how far it is, what it changed, and which rows were rejected."""

from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from backoffice.formatting import duration
from dashboard.pages.data.rejected import rejected_rows
from dashboard.pages.page import Page, rights
from dashboard.pages.paging import page_number
from ingestion.models import Ingestion
from ingestion.outcomes import describe_removed
from jobs import clock
from jobs.models import UNFINISHED

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

COUNTS = (
    ("new", "new", "not known before"),
    ("changed", "changed", "known before, with another value"),
    ("repeated", "repeated", "known before, or twice in the file"),
    ("superseded", "superseded", "replaced by a later row of the same file"),
    ("rejected", "rejected", "not stored; the reasons are below"),
)


class IngestionPage(Page):
    """One ingested file; its part is asked for again until the file is finished."""

    section = "data"
    template_name = "dashboard/data/ingestion.html"
    part = "dashboard/data/ingestion_state.html"

    def get(self, request: "HttpRequest", *args: Any, **kwargs: Any) -> "HttpResponse":
        """Show the file; 404 if there is none of this number."""
        record = Ingestion.objects.filter(pk=kwargs["ingestion_id"]).first()
        if record is None:
            context = {"section": self.section, "may": rights(request)}
            return render(request, "dashboard/data/missing.html", context, status=404)
        return super().get(request, *args, record=record, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the counts of ``record``, and a page of its rejected rows."""
        record: Ingestion = kwargs["record"]
        found = rejected_rows(record.rejects, page_number(self.request)) if record.rejects else None
        fault = found if isinstance(found, str) else ""
        return super().get_context_data(
            now=clock.now(),
            is_busy=record.status in UNFINISHED,
            took=duration(record.started_at, record.finished_at),
            counts=[(getattr(record, f"rows_{name}"), *said) for name, *said in COUNTS],
            replaced=describe_removed(record) if record.sample_stores_removed else "",
            rejects=None if fault else found,
            rejects_fault=fault,
            **kwargs,
        )
