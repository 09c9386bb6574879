"""Reports in the admin: requested, looked at, cancelled and thrown away, never edited."""

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
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from ingestion.formatting import NONE, duration, size, utc
from reports.admin_page import shown_with, stores_text
from reports.ending import UNFINISHED, cancel, delete_ended
from reports.models import Report
from reports.parameters import text_of_gap
from reports.request_form import RequestForm
from reports.requesting import NoPolls
from reports.starting import NotQueued, start_report
from reports.unusable import UnusableParameter

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

UNUSABLE = (NoPolls, NotQueued, UnusableParameter)
RESULT = ("state", "error", "took", "row_count", "sha256")
PARAMETERS = ("as_of_text", "windows_text", "about", "gap_text")
COURSE = ("requested_by", "created", "started", "attempts")


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Reports, newest first."""

    list_display = ["short_id", "state", "as_of_text", "about", "created", "took", "download"]
    list_filter = ["status", "columns"]
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    actions = ["run_again", "cancel_chosen"]
    form = RequestForm
    fieldsets = [
        (None, {"fields": RESULT}),
        ("What was asked for", {"fields": PARAMETERS}),
        ("How it went", {"fields": COURSE}),
    ]
    readonly_fields = [*RESULT, *PARAMETERS, *COURSE]
    add_fieldsets = [
        (None, {"fields": ["as_of", "windows", "columns", "max_gap"]}),
        ("Stores", {"fields": ["tag", "time_zone", "store_ids"]}),
    ]

    # Who may do what

    def has_change_permission(self, request: "HttpRequest", obj: Report | None = None) -> bool:
        """Refuse: what a report came to is not for editing."""
        return False

    def has_cancel_permission(self, request: "HttpRequest") -> bool:
        """Tell whether the user may end reports before their time."""
        return bool(request.user.has_perm("reports.change_report"))

    # Pages

    def get_urls(self) -> "list[URLPattern]":
        """Return the admin's addresses and those behind the buttons."""
        again = require_POST(self.admin_site.admin_view(self.again_view))
        ending = require_POST(self.admin_site.admin_view(self.cancel_view))
        return [
            path("<uuid:report_id>/again/", again, name="reports_report_again"),
            path("<uuid:report_id>/cancel/", ending, name="reports_report_cancel"),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: "HttpRequest", obj: Report | None = None) -> Any:
        """Return the parameters to fill in, or everything there is to see."""
        return self.fieldsets if obj else self.add_fieldsets

    def get_readonly_fields(self, request: "HttpRequest", obj: Report | None = None) -> Any:
        """Return what cannot be filled in."""
        return self.readonly_fields if obj else []

    def add_view(
        self, request: "HttpRequest", form_url: str = "", extra_context: Any = None
    ) -> "HttpResponse":
        """Take the parameters of a report and start it."""
        context = {"title": "Request a report", "show_save_and_continue": False}
        context |= {"show_save_and_add_another": False, **(extra_context or {})}
        try:
            return super().add_view(request, form_url, context)
        except UNUSABLE as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:reports_report_changelist"))

    def save_form(self, request: "HttpRequest", form: Any, change: bool) -> Report:
        """Start the report that the form asks for."""
        return start_report(requested_by=request.user.get_username(), **form.wanted())

    def save_model(self, request: "HttpRequest", obj: Report, form: Any, change: Any) -> None:
        """Leave the row as it is: it was made when the report was started."""

    def save_related(self, request: "HttpRequest", form: Any, formsets: Any, change: Any) -> None:
        """Do nothing: nothing belongs to it."""

    def response_add(
        self, request: "HttpRequest", obj: Report, post_url_continue: str | None = None
    ) -> "HttpResponse":
        """Lead to the report's page, which shows how far it is."""
        # Once workers have been told of it, which is when it is committed.
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
        """Show a report; its page comes again by itself until it has ended."""
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
        """Request the same once more, as of the same instant."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        new = self._again(request, get_object_or_404(Report, pk=report_id))
        return HttpResponseRedirect(
            reverse("admin:reports_report_change", args=[new.pk if new else report_id])
        )

    def cancel_view(self, request: "HttpRequest", report_id: "UUID") -> "HttpResponse":
        """Cancel one report."""
        if not self.has_cancel_permission(request):
            raise PermissionDenied
        self._cancel(request, [get_object_or_404(Report, pk=report_id)])
        return HttpResponseRedirect(reverse("admin:reports_report_change", args=[report_id]))

    # Actions on several

    @admin.action(description="Run again, as of the same instant", permissions=["add"])
    def run_again(self, request: "HttpRequest", queryset: "QuerySet[Report]") -> None:
        """Start a new report for each one chosen; the old ones stay as they are."""
        for report in queryset:
            self._again(request, report)

    @admin.action(description="Cancel", permissions=["cancel"])
    def cancel_chosen(self, request: "HttpRequest", queryset: "QuerySet[Report]") -> None:
        """End those that have not ended."""
        self._cancel(request, queryset)

    def delete_model(self, request: "HttpRequest", obj: Report) -> None:
        """Delete a report and its file, after ending it if need be."""
        cancel(obj.pk)
        delete_ended(obj.pk)

    def delete_queryset(self, request: "HttpRequest", queryset: "QuerySet[Report]") -> None:
        """Delete reports with their files."""
        for report in queryset:
            self.delete_model(request, report)

    def _again(self, request: "HttpRequest", report: Report) -> Report | None:
        try:
            new = start_report(
                as_of=report.as_of,
                requested_by=request.user.get_username(),
                windows=report.windows,
                stores=report.stores,
                max_gap=report.max_gap,
                columns=report.columns,
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
                self.message_user(request, f"{report} had ended.", messages.WARNING)

    # Columns and fields

    @admin.display(description="report")
    def short_id(self, report: Report) -> str:
        """Return the first digits of the id, as in the name of the file."""
        return report.id.hex[:8]

    @admin.display(description="as of (UTC)", ordering="as_of")
    def as_of_text(self, report: Report) -> str:
        """Return the instant of the report."""
        return utc(report.as_of)

    @admin.display(description="created (UTC)", ordering="created_at")
    def created(self, report: Report) -> str:
        """Return when it was requested."""
        return utc(report.created_at)

    @admin.display(description="started (UTC)", ordering="started_at")
    def started(self, report: Report) -> str:
        """Return when a worker last began it."""
        return utc(report.started_at)

    @admin.display(description="status", ordering="status")
    def state(self, report: Report) -> str:
        """Return where it stands, with its progress while it runs."""
        if report.status == Report.Status.RUNNING:
            return f"{report.status}, {report.progress['percent']} %"
        return report.status

    @admin.display(description="took")
    def took(self, report: Report) -> str:
        """Return how long the last attempt took."""
        return duration(report.started_at, report.finished_at)

    @admin.display(description="file", ordering="size")
    def download(self, report: Report) -> "SafeString | str":
        """Return the way to the file, under its size."""
        if report.status != Report.Status.COMPLETE:
            return NONE
        address = reverse("report-download", args=[report.pk])
        return format_html('<a href="{}">{}</a>', address, size(report.size))

    @admin.display(description="windows")
    def windows_text(self, report: Report) -> str:
        """Return the windows as they were asked for."""
        return ", ".join(report.windows)

    @admin.display(description="stores and columns")
    def about(self, report: Report) -> str:
        """Return which stores it is about, and which columns it has."""
        return f"{stores_text(report)}, {report.columns}"

    @admin.display(description="longest gap filled")
    def gap_text(self, report: Report) -> str:
        """Return the limit beyond which time is unknown."""
        return text_of_gap(report.max_gap) if report.max_gap else "no limit"
