"""Reports in the admin: looked at, started and thrown away, never edited."""

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from ingestion.formatting import NONE, duration, size, utc
from reports.models import Report, Shard
from reports.requesting import NoPolls
from reports.starting import NotQueued, start_report

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.safestring import SafeString


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Reports, newest first."""

    list_display = [
        "short_id",
        "state",
        "as_of_text",
        "created",
        "took",
        "download",
    ]
    list_filter = ["status"]
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    actions = ["run_again"]
    fields = [
        "state",
        "error",
        "as_of_text",
        "requested_by",
        "created",
        "started",
        "took",
        "attempts",
        "row_count",
        "download",
        "sha256",
    ]

    class Media:
        css = {"all": ["ingestion/admin.css", "reports/admin.css"]}

    def has_add_permission(self, request: "HttpRequest") -> bool:
        """Refuse: reports are requested by the button, not filled in."""
        return False

    def has_change_permission(self, request: "HttpRequest", obj: Report | None = None) -> bool:
        """Refuse: what a report came to is not for editing."""
        return False

    def has_request_permission(self, request: "HttpRequest") -> bool:
        """Tell whether the user may start reports."""
        return bool(request.user.has_perm("reports.add_report"))

    def get_urls(self) -> "list[URLPattern]":
        """Return the admin's addresses and the one behind the button."""
        view = require_POST(self.admin_site.admin_view(self.request_view))
        return [path("request/", view, name="reports_report_request"), *super().get_urls()]

    def request_view(self, request: "HttpRequest") -> "HttpResponse":
        """Start a report as of the newest poll."""
        if not self.has_request_permission(request):
            raise PermissionDenied
        self._start(request, None)
        return HttpResponseRedirect(reverse("admin:reports_report_changelist"))

    def changelist_view(
        self, request: "HttpRequest", extra_context: dict[str, Any] | None = None
    ) -> "HttpResponse":
        """Show the list, with the button for those who may use it."""
        context = {"may_request": self.has_request_permission(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    @admin.action(description="Run again, as of the same instant", permissions=["request"])
    def run_again(self, request: "HttpRequest", queryset: "QuerySet[Report]") -> None:
        """Start a new report for each one chosen; the old ones stay as they are."""
        for report in queryset:
            self._start(request, report.as_of)

    def _start(self, request: "HttpRequest", as_of: "datetime | None") -> None:
        try:
            report = start_report(as_of=as_of, requested_by=request.user.get_username())
        except (NoPolls, NotQueued) as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        self.log_addition(request, report, "Requested.")
        self.message_user(request, f"Requested {report}, as of {utc(report.as_of)} UTC.")

    def delete_model(self, request: "HttpRequest", obj: Report) -> None:
        """Delete a report and its file."""
        self.delete_queryset(request, Report.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: "HttpRequest", queryset: "QuerySet[Report]") -> None:
        """Delete reports; their files go once the rows are gone for good."""
        with transaction.atomic():
            names = [report.file.name for report in queryset if report.file.name]
            unfinished = queryset.exclude(status=Report.Status.COMPLETE)
            parts = Shard.objects.filter(report__in=unfinished).exclude(part="")
            names += parts.values_list("part", flat=True)
            queryset.delete()
            for name in names:
                transaction.on_commit(partial(default_storage.delete, name))

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
