"""The page of the data: send files, follow them, see how far the feeds reach."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.shortcuts import render

from access.limits.rates import change_refused
from access.scopes import INGEST, READ
from dashboard.pages.data.feeds import extent, feeds
from dashboard.pages.data.receiving import receive
from dashboard.pages.page import Page, is_partial, rights
from dashboard.pages.paging import page_number, paged, places
from ingestion.models import Ingestion
from jobs import clock
from jobs.models import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from dashboard.pages.data.receiving import Receipt


class DataPage(Page):
    """The feeds and the history of files; a POST sends files."""

    section = "data"
    template_name = "dashboard/data/data.html"
    part = "dashboard/data/state.html"

    def needed(self, request: "HttpRequest") -> str:
        """Return ``ingest`` for sending files, which shows nothing of others' files."""
        return INGEST if request.method == "POST" else READ

    def post(self, request: "HttpRequest") -> "HttpResponse":
        """Take the files of a form and tell of each what became of it."""
        seconds = change_refused(request)
        if seconds:
            said = f"Too many requests. Try again in {seconds} s."
            return self._told(fault=said, status=429, headers={"Retry-After": str(seconds)})
        try:
            receipts = receive(request)
        except ValidationError as error:
            return self._told(fault=" ".join(error.messages), status=400)
        # A script reads of each file what became of it; an error would be one in the console too.
        partial = is_partial(request)
        return self._told(receipts, status=200 if partial else max(one.status for one in receipts))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the feeds, the extent of the data, and a page of the history."""
        number = page_number(self.request)
        history = paged(Ingestion.objects.order_by("-pk")[places(number)], number)
        reach = extent()
        return super().get_context_data(
            now=clock.now(),
            history=history,
            is_busy=any(record.status in UNFINISHED for record in history.rows),
            extent=reach,
            feeds=feeds(),
            has_sample=bool(reach.sample),
            is_empty=not reach.stores,
            **kwargs,
        )

    def _told(
        self,
        receipts: "Sequence[Receipt]" = (),
        *,
        status: int,
        fault: str = "",
        headers: dict[str, str] | None = None,
    ) -> "HttpResponse":
        partial = is_partial(self.request)
        template = "dashboard/data/receipts.html" if partial else "dashboard/data/sent.html"
        context = {
            "section": self.section,
            "may": rights(self.request),
            "receipts": receipts,
            "fault": fault,
            "has_waiting": any(one.status == HTTPStatus.ACCEPTED for one in receipts),
        }
        response = render(self.request, template, context, status=status)
        for name, value in (headers or {}).items():
            response.headers[name] = value
        return response
