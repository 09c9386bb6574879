"""Schedules in the admin, with their next run, and the log of their runs."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from ingestion.formatting import NONE, utc
from schedules import services
from schedules.forms import ScheduleForm
from schedules.models import Schedule, ScheduledRun

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString


@admin.register(Schedule)
class ScheduleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Schedules."""

    form = ScheduleForm
    list_display = ["name", "cadence", "time_zone_id", "active", "next_run", "log"]
    list_filter = ["active", "cadence"]
    search_fields = ["name"]
    show_facets = admin.ShowFacets.NEVER
    fields = [*ScheduleForm.Meta.fields, "next_run", "created", "created_by", "log"]
    readonly_fields = ["next_run", "created", "created_by", "log"]

    def save_model(self, request: "HttpRequest", obj: Schedule, form: Any, change: bool) -> None:
        """Save a schedule; other times count from now on."""
        values = {name: getattr(obj, name) for name in ScheduleForm.Meta.fields}
        if change:
            services.change_schedule(Schedule.objects.get(pk=obj.pk), **values)
            return
        obj.created_at, obj.created_by = timezone.now(), request.user.get_username()
        services.plan(obj, obj.created_at)
        obj.save()

    @admin.display(description="next run (UTC)", ordering="next_due_at")
    def next_run(self, schedule: Schedule) -> str:
        """Return when it is due next."""
        return utc(schedule.next_due_at) if schedule.active else NONE

    @admin.display(description="runs")
    def log(self, schedule: Schedule) -> "SafeString":
        """Return the way to what became of its periods."""
        address = reverse("admin:schedules_scheduledrun_changelist")
        return format_html('<a href="{}?schedule__id__exact={}">log</a>', address, schedule.pk)

    @admin.display(description="created (UTC)", ordering="created_at")
    def created(self, schedule: Schedule) -> str:
        """Return when it was made."""
        return utc(schedule.created_at)


@admin.register(ScheduledRun)
class ScheduledRunAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Runs, newest first; looked at, never edited."""

    list_display = ["period", "schedule", "due", "report_link", "status", "mailed", "error"]
    list_filter = ["status", "schedule"]
    list_select_related = ["schedule"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    list_per_page = 50
    fields = ["schedule", "period", "due", "report_link", "status", "attempts", "mailed", "error"]

    def has_add_permission(self, request: "HttpRequest") -> bool:
        """Refuse: runs come from the clock."""
        return False

    def has_change_permission(
        self, request: "HttpRequest", obj: ScheduledRun | None = None
    ) -> bool:
        """Refuse: what became of a period is not for editing."""
        return False

    @admin.display(description="due (UTC)", ordering="due_at")
    def due(self, run: ScheduledRun) -> str:
        """Return the instant of the period."""
        return utc(run.due_at)

    @admin.display(description="e-mail sent (UTC)")
    def mailed(self, run: ScheduledRun) -> str:
        """Return when the e-mail went out."""
        return utc(run.mailed_at)

    @admin.display(description="report")
    def report_link(self, run: ScheduledRun) -> "SafeString | str":
        """Return the way to the report."""
        if run.report_id is None:
            return NONE
        address = reverse("admin:reports_report_change", args=[run.report_id])
        return format_html('<a href="{}">{}</a>', address, run.report_id.hex[:8])
