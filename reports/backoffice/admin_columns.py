"""Columns and fields of reports in the admin."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from backoffice.formatting import NONE, duration, size, utc
from reports.backoffice.admin_page import stores_text
from reports.build import excluded
from reports.models import Report, ReportKind
from reports.poller.words import sentences
from reports.request.parameters import text_of_gap
from reports.stamp.words import NO_STAMP, described

if TYPE_CHECKING:
    from django.utils.safestring import SafeString


class ReportColumns(admin.ModelAdmin):  # type: ignore[type-arg]
    """Each method formats one column and needs no query."""

    @admin.display(description="report")
    def short_id(self, report: Report) -> str:
        """Return the first digits of the id, as in the file name."""
        return report.id.hex[:8]

    @admin.display(description="as of (UTC)", ordering="as_of")
    def as_of_text(self, report: Report) -> str:
        return utc(report.as_of)

    @admin.display(description="created (UTC)", ordering="created_at")
    def created(self, report: Report) -> str:
        return utc(report.created_at)

    @admin.display(description="started (UTC)", ordering="started_at")
    def started(self, report: Report) -> str:
        """Return when a worker last started it."""
        return utc(report.started_at)

    @admin.display(description="status", ordering="status")
    def state(self, report: Report) -> str:
        """Return the status, with the progress while it runs."""
        if report.status == Report.Status.RUNNING:
            return f"{report.status}, {report.progress['percent']} %"
        return report.status

    @admin.display(description="took")
    def took(self, report: Report) -> str:
        """Return how long the last attempt took."""
        return duration(report.started_at, report.finished_at)

    @admin.display(description="file", ordering="size")
    def download(self, report: Report) -> "SafeString | str":
        """Return a link to the file, labelled with its size."""
        if report.status != Report.Status.COMPLETE:
            return NONE
        address = reverse("report-download", args=[report.pk])
        return format_html('<a href="{}">{}</a>', address, size(report.size))

    @admin.display(description="windows")
    def windows_text(self, report: Report) -> str:
        return ", ".join(report.windows)

    @admin.display(description="stores and columns")
    def about(self, report: Report) -> str:
        """Return the selected stores, and the columns or the kind that has its own."""
        has_columns = report.kind == ReportKind.UPTIME
        return f"{stores_text(report.stores)}, {report.columns if has_columns else report.kind}"

    @admin.display(description="time in which nobody polled")
    def outages_text(self, report: Report) -> str:
        return report.get_poller_outages_display()

    @admin.display(description="poller outages")
    def silent_text(self, report: Report) -> "SafeString | str":
        """Return when nobody polled its stores, one line for each sentence."""
        said = format_html_join("", "<div>{}</div>", ((text,) for text in sentences(report)))
        return said or NONE

    @admin.display(description="excluded time")
    def excluded_text(self, report: Report) -> str:
        """Return what was excluded and why."""
        return " ".join(excluded.sentences(report)) or NONE

    @admin.display(description="how it was made")
    def stamp_text(self, report: Report) -> "SafeString | str":
        """Return the stamp, one line for each part."""
        if report.status != Report.Status.COMPLETE:
            return NONE
        if report.stamp is None:
            return NO_STAMP
        return format_html_join("", "<div>{}: {}</div>", described(report.stamp))

    @admin.display(description="longest gap filled")
    def gap_text(self, report: Report) -> str:
        """Return the longest gap that is filled."""
        return text_of_gap(report.max_gap) if report.max_gap else "no limit"
