"""Reports in the admin: request, view, cancel and delete them. They are never edited."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from backoffice.formatting import utc
from jobs.models import UNFINISHED
from reports.backoffice.admin_columns import ReportColumns
from reports.backoffice.admin_page import shown_with
from reports.backoffice.request_form import RequestForm
from reports.build.ending import cancel, delete_reports
from reports.models import Report
from reports.request.requesting import NoPolls, TooManyUnfinished
from reports.request.starting import NotQueued, start_report
from reports.request.targets import percentage_of
from reports.request.unusable import UnusableParameter

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

UNUSABLE = (NoPolls, NotQueued, TooManyUnfinished, UnusableParameter)
RESULT = ("state", "error", "took", "row_count", "sha256", "silent_text", "excluded_text")
PARAMETERS = ("as_of_text", "windows_text", "about", "gap_text", "outages_text")
MADE = ("stamp_text",)
COURSE = ("requested_by", "created", "started", "attempts")


@admin.register(Report)
class ReportAdmin(ReportColumns):
    """Reports, newest first."""

    list_display = ["short_id", "state", "as_of_text", "about", "created", "took", "download"]
    list_filter = ["status", "kind", "columns"]
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    actions = ["run_again", "cancel_chosen"]
    form = RequestForm
    fieldsets = [
        (None, {"fields": RESULT}),
        ("Request", {"fields": PARAMETERS}),
        ("Stamp", {"fields": MADE}),
        ("Status", {"fields": COURSE}),
    ]
    readonly_fields = [*RESULT, *PARAMETERS, *MADE, *COURSE]
    add_fieldsets = [
        (None, {"fields": ["as_of", "windows", "kind", "columns", "max_gap", "poller_outages"]}),
        ("Stores", {"fields": ["tag", "store_zone", "store_ids"]}),
    ]

    # Permissions

    def has_change_permission(self, request: "HttpRequest", obj: Report | None = None) -> bool:
        """Refuse: reports are not editable."""
        return False

    def has_cancel_permission(self, request: "HttpRequest") -> bool:
        return bool(request.user.has_perm("reports.change_report"))

    # Pages

    def get_urls(self) -> "list[URLPattern]":
        """Return the admin's URLs and those behind the buttons."""
        again = require_POST(self.admin_site.admin_view(self.again_view))
        ending = require_POST(self.admin_site.admin_view(self.cancel_view))
        return [
            path("<uuid:report_id>/again/", again, name="reports_report_again"),
            path("<uuid:report_id>/cancel/", ending, name="reports_report_cancel"),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: "HttpRequest", obj: Report | None = None) -> Any:
        """Return the fields to fill in, or all fields of an existing report."""
        return self.fieldsets if obj else self.add_fieldsets

    def get_readonly_fields(self, request: "HttpRequest", obj: Report | None = None) -> Any:
        return self.readonly_fields if obj else []

    def add_view(
        self, request: "HttpRequest", form_url: str = "", extra_context: Any = None
    ) -> "HttpResponse":
        """Show the form of a report, or start the report."""
        context = {"title": "Request a report", "show_save_and_continue": False}
        context |= {"show_save_and_add_another": False, **(extra_context or {})}
        try:
            return super().add_view(request, form_url, context)
        except UNUSABLE as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:reports_report_changelist"))

    def save_form(self, request: "HttpRequest", form: Any, change: bool) -> Report:
        return start_report(requested_by=request.user.get_username(), **form.wanted())

    def save_model(self, request: "HttpRequest", obj: Report, form: Any, change: Any) -> None:
        """Do nothing: the row was created when the report was started."""

    def save_related(self, request: "HttpRequest", form: Any, formsets: Any, change: Any) -> None:
        """Do nothing: there are no related rows."""

    def response_add(
        self, request: "HttpRequest", obj: Report, post_url_continue: str | None = None
    ) -> "HttpResponse":
        """Redirect to the report's page, which shows its progress."""
        # The message is shown after the report was committed and queued.
        text = f"Requested {obj}, as of {utc(obj.as_of)} UTC."
        transaction.on_commit(partial(self.message_user, request, text))
        return HttpResponseRedirect(reverse("admin:reports_report_change", args=[obj.pk]))

    def change_view(
        self,
        request: "HttpRequest",
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> "HttpResponse":
        """Show a report; its page reloads until the report has ended."""
        response = super().change_view(request, object_id, form_url, extra_context)
        if isinstance(response, TemplateResponse):
            context = response.context_data or {}
            report = context["original"]
            may_cancel = report.status in UNFINISHED and self.has_cancel_permission(request)
            response.context_data = {
                **context,
                **shown_with(report),
                "may_cancel": may_cancel,
                "may_request": self.has_add_permission(request),
            }
        return response

    def again_view(self, request: "HttpRequest", report_id: "UUID") -> "HttpResponse":
        """Request the same report again, as of the same instant."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        new = self._again(request, get_object_or_404(Report, pk=report_id))
        return HttpResponseRedirect(
            reverse("admin:reports_report_change", args=[new.pk if new else report_id])
        )

    def cancel_view(self, request: "HttpRequest", report_id: "UUID") -> "HttpResponse":
        if not self.has_cancel_permission(request):
            raise PermissionDenied
        self._cancel(request, [get_object_or_404(Report, pk=report_id)])
        return HttpResponseRedirect(reverse("admin:reports_report_change", args=[report_id]))

    # Actions on several

    @admin.action(description="Run again, as of the same instant", permissions=["add"])
    def run_again(self, request: "HttpRequest", queryset: "QuerySet[Report]") -> None:
        """Start a new report for each chosen one; the old ones stay."""
        for report in queryset:
            self._again(request, report)

    @admin.action(description="Cancel", permissions=["cancel"])
    def cancel_chosen(self, request: "HttpRequest", queryset: "QuerySet[Report]") -> None:
        self._cancel(request, queryset)

    def delete_model(self, request: "HttpRequest", obj: Report) -> None:
        """Delete a report with its file, whether or not it has ended."""
        delete_reports(Report.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: "HttpRequest", queryset: "QuerySet[Report]") -> None:
        """Delete reports with their files."""
        delete_reports(queryset)

    def _again(self, request: "HttpRequest", report: Report) -> Report | None:
        try:
            new = start_report(
                as_of=report.as_of,
                requested_by=request.user.get_username(),
                windows=report.windows,
                stores=report.stores,
                max_gap=report.max_gap,
                columns=report.columns,
                poller_outages=report.poller_outages,
                kind=report.kind,
                target=percentage_of(report),
            )
        except UNUSABLE as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        self.log_addition(request, new, "Requested.")
        self.message_user(request, f"Requested {new}, as of {utc(new.as_of)} UTC.")
        return new

    def _cancel(self, request: "HttpRequest", reports: Iterable[Report]) -> None:
        for report in reports:
            if cancel(report.pk):
                self.log_change(request, report, "Cancelled.")
                self.message_user(request, f"Cancelled {report}.")
            else:
                self.message_user(request, f"{report} has already ended.", messages.WARNING)
