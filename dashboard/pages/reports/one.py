"""The page of one report."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pyarrow as pa
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from access.limits.rates import change_refused
from access.permissions import granted
from access.scopes import ADMIN
from api.errors.problems import StorageUnavailable
from api.senders import sender
from api.transfer.downloads import FileDamaged, FileGone
from dashboard.pages.page import Page, refusal, rights
from dashboard.pages.paging import page_number
from dashboard.pages.reports.changes import changes
from dashboard.pages.reports.described import described, differences
from dashboard.pages.reports.listed import UNUSABLE
from dashboard.pages.reports.table import ROWS, Table, table_of
from fleet.models import Store
from jobs.models import UNFINISHED
from reports.backoffice.admin_page import downloads
from reports.build import excluded
from reports.build.ending import cancel
from reports.models import Report, ReportKind
from reports.poller.words import sentences
from reports.request.starting import start_report
from reports.request.targets import percentage_of
from reports.stamp.words import NO_STAMP
from reports.stamp.words import described as stamp_in_words

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest

OFFERED = 20
ORDERS = {"": "Differ most", "more": "More than before", "less": "Less than before"}
_COMPARED_BY = ("since", "column", "order")
_UNREADABLE = (FileGone, FileDamaged, StorageUnavailable, pa.ArrowInvalid, pa.ArrowKeyError)


class ReportPage(Page):
    """One report: progress, downloads, rows, and what changed since an earlier one."""

    section = "reports"
    template_name = "dashboard/reports/report.html"
    part = "dashboard/reports/state.html"

    def get(self, request: "HttpRequest", *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            shown = {"section": self.section, "may": rights(request)}
            return render(request, "dashboard/reports/missing.html", shown, status=404)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report = Report.objects.filter(pk=kwargs["report_id"]).first()
        if report is None:
            raise Http404
        shown = {
            "report": report,
            "described": described(report),
            "nobody_polled": sentences(report),
            "excluded": excluded.sentences(report),
            "made": report.stamp and stamp_in_words(report.stamp),
            "no_stamp": NO_STAMP,
            "is_unfinished": report.status in UNFINISHED,
            "may_cancel": report.status in UNFINISHED and _may_cancel(self.request, report),
        }
        if report.status == Report.Status.COMPLETE:
            shown |= self._rows(report)
        return super().get_context_data(**{**kwargs, **shown})

    def _rows(self, report: Report) -> dict[str, Any]:
        query = self.request.GET
        try:
            table = table_of(report)
        except _UNREADABLE as error:
            return {"fault": getattr(error, "detail", "The file is damaged. Request it again.")}
        shown = _page(table, query.get("sort", ""), page_number(self.request))
        earlier = list(earlier_of(report)[:OFFERED])
        since = _since(report, earlier, query.get("since", ""))
        shown |= {
            "downloads": downloads(report),
            "has_packs": report.kind == ReportKind.UPTIME,
            "earlier": earlier,
            "since": since,
            "kept": urlencode({name: query[name] for name in _COMPARED_BY if name in query}),
        }
        if since is not None:
            shown |= _compared(table, since, query.get("column", ""), query.get("order", ""))
            shown["differences"] = differences(since, report)
        return shown


class CancelReport(Page):
    """A POST cancels one's own report; with the scope ``admin`` any, as over the API."""

    http_method_names = ["post"]

    def post(self, request: "HttpRequest", report_id: "UUID") -> HttpResponse:
        report = Report.objects.filter(pk=report_id).first()
        is_own = report is None or report.requested_by == sender(request)
        if not is_own and (refused := refusal(request, ADMIN)):
            return refused
        if change_refused(request):
            messages.error(request, "Too many requests; try again in a minute.")
        elif not cancel(report_id):
            messages.warning(request, "It had already ended.")
        return HttpResponseRedirect(reverse("dashboard:report", args=[report_id]))


class RepeatReport(Page):
    """A POST requests the same report as of the newest poll."""

    http_method_names = ["post"]

    def post(self, request: "HttpRequest", report_id: "UUID") -> HttpResponse:
        report = Report.objects.filter(pk=report_id).first()
        target = reverse("dashboard:reports")
        if report is None:
            messages.error(request, "That report no longer exists.")
        elif change_refused(request):
            messages.error(request, "Too many requests; try again in a minute.")
        else:
            try:
                report = start_report(
                    requested_by=sender(request),
                    windows=report.windows,
                    stores=report.stores,
                    max_gap=report.max_gap,
                    columns=report.columns,
                    poller_outages=report.poller_outages,
                    kind=report.kind,
                    target=percentage_of(report),
                )
            except UNUSABLE as error:
                messages.error(request, str(error))
            target = reverse("dashboard:report", args=[report.pk])
        return HttpResponseRedirect(target)


def _may_cancel(request: "HttpRequest", report: Report) -> bool:
    return report.requested_by == sender(request) or ADMIN in granted(request)


def earlier_of(report: Report) -> "QuerySet[Report]":
    """Return the complete reports of the same kind from before this one, newest first."""
    # Outages have no number to compare, only more or fewer rows.
    kinds = {report.kind} - {ReportKind.OUTAGES, ReportKind.TARGETS}
    complete = Report.objects.filter(
        status=Report.Status.COMPLETE, created_at__lt=report.created_at, kind__in=kinds
    )
    return complete.order_by("-created_at", "-id")


def _since(report: Report, earlier: list[Report], wanted: str) -> Report | None:
    """Return the wanted one of the earlier reports, or the last that was asked the same."""
    same = [one for one in earlier if _asked(one) == _asked(report)]
    return next((one for one in earlier if str(one.pk) == wanted), same[0] if same else None)


def _asked(report: Report) -> tuple[object, ...]:
    return (
        report.windows,
        report.columns,
        report.stores,
        report.poller_outages,
        report.kind,
        report.targets,
    )


def _page(table: Table, sort: str, asked: int) -> dict[str, Any]:
    sort = sort if sort.removeprefix("-") in table.kinds else table.key
    order = table.in_order(sort)
    pages = max(-(-len(order) // ROWS), 1)
    number = min(asked, pages)
    rows = table.page(order[(number - 1) * ROWS : number * ROWS])
    named = _names([row[0][0] for row in rows] if table.key == "store_id" else [])
    tones = [_tone(name) for name in list(table.kinds)[1:]]
    return {
        "rows": [
            (
                row[0][0],
                named.get(row[0][0], ""),
                [(*cell, tone) for cell, tone in zip(row[1:], tones, strict=True)],
            )
            for row in rows
        ],
        "heads": [(name, _sorted_by(sort, name), _order(sort, name)) for name in table.kinds],
        "sort": sort,
        "page": number,
        "pages": pages,
    }


def _compared(table: Table, since: Report, column: str, order: str) -> dict[str, Any]:
    try:
        found = changes(table_of(since), table, column, order)
    except _UNREADABLE as error:
        return {"changes_fault": getattr(error, "detail", "The earlier file is damaged.")}
    if found is None:
        return {"changes_fault": "The two reports have no window in common."}
    named = _names([*(one.store_id for one in found.most), *found.new_ids, *found.gone_ids])
    return {
        "changes": found,
        "changed": [(one, named.get(one.store_id, "")) for one in found.most],
        "only_in_one": [
            (words, count, [(store_id, named.get(store_id, "")) for store_id in ids])
            for words, count, ids in (
                ("New", found.new, found.new_ids),
                ("Gone", found.gone, found.gone_ids),
            )
            if count
        ],
        "orders": ORDERS,
        "order": order,
    }


def _names(store_ids: list[str]) -> dict[str, str]:
    """Return the names of stores that still exist, their id where they have none."""
    stores = Store.objects.filter(store_id__in=store_ids).values_list("store_id", "name")
    return {store_id: name or store_id for store_id, name in stores}


def _tone(column: str) -> str:
    """Return what the bars of a column stand for, as their class: red is for downtime alone."""
    named = {"uptime": "up", "downtime": "down", "unknown": "unknown", "excluded": "excluded"}
    return named.get(column.partition("(")[0].partition("_")[0], "ink")


def _sorted_by(sort: str, name: str) -> str:
    return f"-{name}" if sort != f"-{name}" else name


def _order(sort: str, name: str) -> str:
    if sort.removeprefix("-") != name:
        return ""
    return "descending" if sort.startswith("-") else "ascending"
