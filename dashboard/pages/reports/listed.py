"""The list of reports, and the form that requests one."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from access.limits.rates import change_refused
from access.scopes import READ
from api.senders import sender
from dashboard.pages.page import Page
from dashboard.pages.paging import page_number, paged, places
from dashboard.pages.reports.described import described
from fleet.extent import newest_poll
from jobs.models import UNFINISHED
from reports.backoffice.request_form import RequestForm
from reports.models import Report
from reports.request.requesting import NoPolls, TooManyUnfinished
from reports.request.starting import NotQueued, start_report
from reports.request.unusable import UnusableParameter
from uptime import DEFAULT_WINDOWS
from uptime.instants import length_in_microseconds

if TYPE_CHECKING:
    from django.http import HttpRequest

UNUSABLE = (NoPolls, NotQueued, TooManyUnfinished, UnusableParameter)


COMMON = {
    "1h": "Last hour",
    "24h": "Last day",
    "7d": "Last week",
    "30d": "Last 30 days",
    "today": "Today",
    "yesterday": "Yesterday",
    "this-week": "This week",
    "last-week": "Week before this",
    "this-month": "This month",
    "last-month": "Month before this",
}


class ReportForm(RequestForm):
    """The admin's form, for use by itself, with the common windows to tick."""

    common = forms.MultipleChoiceField(
        label="Windows",
        required=False,
        choices=COMMON,
        initial=DEFAULT_WINDOWS,
        widget=forms.CheckboxSelectMultiple,
    )
    windows = forms.CharField(
        label="More windows",
        required=False,
        help_text="Such as 90m, 2024-03-10, 2024-W10 or 2024-03; twelve at most in all.",
    )
    field_order = (
        "common",
        "windows",
        "tag",
        "store_zone",
        "store_ids",
        "kind",
        "columns",
        "as_of",
    )

    class Meta(RequestForm.Meta):
        # The admin names the fields when it makes its own form.
        fields = ["as_of", "windows", "kind", "columns", "max_gap", "poller_outages"]

    def clean_windows(self) -> list[str]:
        """Return the texts of all windows. Raises ValidationError if there are none."""
        windows = [*self.cleaned_data.get("common", []), *super().clean_windows()]
        if not windows:
            raise forms.ValidationError("Choose at least one window.")
        return windows


class ReportsPage(Page):
    """All reports, newest first; a POST requests one."""

    section = "reports"
    scope = READ
    template_name = "dashboard/reports/reports.html"
    part = "dashboard/reports/list.html"

    def post(self, request: "HttpRequest") -> HttpResponse:
        """Request the report of the form, or show what is wrong with it."""
        seconds = change_refused(request)
        if seconds:
            return self._again(ReportForm(request.POST), 429, f"Try again in {seconds} s.")
        form = ReportForm(request.POST)
        if not form.is_valid():
            return self._again(form, 422)
        try:
            report = start_report(requested_by=sender(request), **form.wanted())
        except UNUSABLE as error:
            return self._again(form, 503 if isinstance(error, NotQueued) else 422, str(error))
        return HttpResponseRedirect(reverse("dashboard:report", args=[report.pk]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number = page_number(self.request)
        reports = Report.objects.order_by("-created_at", "-id")
        history = paged(reports[places(number)], number)
        kwargs.setdefault("form", ReportForm())
        return super().get_context_data(
            history=history,
            rows=[(report, described(report), took(report)) for report in history.rows],
            is_busy=any(report.status in UNFINISHED for report in history.rows),
            has_polls=newest_poll() is not None,
            **kwargs,
        )

    def _again(self, form: ReportForm, status: int, fault: str = "") -> HttpResponse:
        context = self.get_context_data(form=form, fault=fault)
        return self.response_class(self.request, [self.template_name], context, status=status)


def took(report: Report) -> int | None:
    """Return how long the work on an ended report took, in microseconds; None before its end."""
    if report.started_at is None or report.finished_at is None:
        return None
    return length_in_microseconds(report.finished_at - report.started_at)
