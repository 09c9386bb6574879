"""The list of reports, and the form that requests one."""

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from access.limits.rates import change_refused
from access.scopes import READ
from api.senders import sender
from dashboard.pages.data.paging import page_number, paged, places
from dashboard.pages.page import Page
from dashboard.pages.reports.described import described
from fleet.extent import newest_poll
from jobs.models import UNFINISHED
from reports.backoffice.request_form import RequestForm
from reports.models import Report
from reports.request.requesting import NoPolls, TooManyUnfinished
from reports.request.starting import NotQueued, start_report
from reports.request.unusable import UnusableParameter

if TYPE_CHECKING:
    from django.http import HttpRequest

UNUSABLE = (NoPolls, NotQueued, TooManyUnfinished, UnusableParameter)


class ReportForm(RequestForm):
    """The admin's form, for use by itself: the admin names the fields when it makes its own."""

    class Meta(RequestForm.Meta):
        fields = ["as_of", "windows", "columns", "max_gap"]


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
            rows=[(report, described(report)) for report in history.rows],
            is_busy=any(report.status in UNFINISHED for report in history.rows),
            has_polls=newest_poll() is not None,
            **kwargs,
        )

    def _again(self, form: ReportForm, status: int, fault: str = "") -> HttpResponse:
        context = self.get_context_data(form=form, fault=fault)
        return self.response_class(self.request, [self.template_name], context, status=status)
