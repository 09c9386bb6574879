"""Schedules in the admin, with their next run, and the log of their runs."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from backoffice.formatting import NONE, utc
from jobs import clock
from reports.backoffice.admin_page import stores_text
from reports.models import ReportKind
from schedules import services
from schedules.forms import ScheduleForm
from schedules.http.serializers import SHOWN_AHEAD
from schedules.models import Schedule, ScheduledRun
from uptime.open_time.zones import load_zone

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

WHEN = ("cadence", "minute", "hour", "weekday", "day", "time_zone")
WHAT = ("windows", "kind", "columns", "max_gap", "poller_outages")
WHICH = ("tag", "store_zone", "store_ids")
MAIL = ("recipients", "mail_as")
COURSE = ("inactive_because", "next_runs", "log", "created", "created_by")


@admin.register(Schedule)
class ScheduleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Schedules."""

    form = ScheduleForm
    list_display = [
        "name",
        "when",
        "zone",
        "about",
        "active",
        "inactive_because",
        "next_run",
        "log",
    ]
    list_filter = ["active", "cadence"]
    search_fields = ["name"]
    show_facets = admin.ShowFacets.NEVER
    add_fieldsets: ClassVar[Any] = [
        (None, {"fields": ["name", "active"]}),
        ("When", {"fields": WHEN}),
        ("Content of the reports", {"fields": WHAT}),
        ("Stores", {"fields": WHICH}),
        ("E-mail", {"fields": MAIL}),
    ]
    fieldsets: ClassVar[Any] = [*add_fieldsets, ("Runs", {"fields": COURSE})]
    readonly_fields = COURSE

    def get_fieldsets(self, request: "HttpRequest", obj: Schedule | None = None) -> Any:
        """Return the editable fields, and the status of an existing schedule."""
        return self.fieldsets if obj else self.add_fieldsets

    def save_model(self, request: "HttpRequest", obj: Schedule, form: Any, change: bool) -> None:
        """Save a schedule; a new time applies from now on."""
        names = [*ScheduleForm.Meta.fields, "stores"]
        if change:
            values = {name: getattr(obj, name) for name in names}
            services.change_schedule(obj, **values)
            return
        obj.created_at, obj.created_by = clock.now(), request.user.get_username()
        services.plan(obj, obj.created_at)
        obj.save()

    @admin.display(description="when", ordering="cadence")
    def when(self, schedule: Schedule) -> str:
        """Return its time in words; the zone has its own column."""
        at = f"at {schedule.hour or 0:02}:{schedule.minute:02}"
        return {
            "hourly": f"hourly, at minute {schedule.minute}",
            "daily": f"daily {at}",
            "weekly": f"{schedule.get_weekday_display()}s {at}",
            "monthly": f"monthly, on day {schedule.day}, {at}",
        }[schedule.cadence]

    @admin.display(description="time zone", ordering="time_zone")
    def zone(self, schedule: Schedule) -> str:
        return str(schedule.time_zone_id)

    @admin.display(description="reports")
    def about(self, schedule: Schedule) -> str:
        """Return the content of its reports in a few words."""
        has_columns = schedule.kind == ReportKind.UPTIME
        rows = schedule.columns if has_columns else schedule.kind
        return f"{', '.join(schedule.windows)}; {stores_text(schedule.stores)}, {rows}"

    @admin.display(description="next run (UTC)", ordering="next_due_at")
    def next_run(self, schedule: Schedule) -> str:
        return utc(schedule.next_due_at) if schedule.active else NONE

    @admin.display(description="next runs")
    def next_runs(self, schedule: Schedule) -> "SafeString | str":
        """Return the next due instants, in its time zone and in UTC."""
        ahead = services.next_runs(schedule, SHOWN_AHEAD)
        if not ahead:
            return schedule.inactive_because or "none, since it is not active"
        zone = load_zone(schedule.rule.zone)
        local = ((f"{due_at.astimezone(zone):%a %Y-%m-%d %H:%M}", due_at) for due_at in ahead)
        lines = ((text, utc(due_at)) for text, due_at in local)
        return format_html_join("", "<div>{} ({} UTC)</div>", lines)

    @admin.display(description="log of runs")
    def log(self, schedule: Schedule) -> "SafeString":
        """Return a link to its runs."""
        address = reverse("admin:schedules_scheduledrun_changelist")
        return format_html('<a href="{}?schedule__id__exact={}">Runs</a>', address, schedule.pk)

    @admin.display(description="created (UTC)", ordering="created_at")
    def created(self, schedule: Schedule) -> str:
        return utc(schedule.created_at)


@admin.register(ScheduledRun)
class ScheduledRunAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Runs, newest first. Read-only."""

    list_display = ["period", "schedule", "due", "status", "error", "report_link", "mailed"]
    list_filter = ["status", "schedule"]
    list_select_related = ["schedule"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    list_per_page = 50
    fields = ["schedule", "period", "due", "report_link", "status", "attempts", "mailed", "error"]

    def has_add_permission(self, request: "HttpRequest") -> bool:
        """Refuse: schedules create runs."""
        return False

    def has_change_permission(
        self, request: "HttpRequest", obj: ScheduledRun | None = None
    ) -> bool:
        return False

    @admin.display(description="due (UTC)", ordering="due_at")
    def due(self, run: ScheduledRun) -> str:
        return utc(run.due_at)

    @admin.display(description="e-mail sent (UTC)")
    def mailed(self, run: ScheduledRun) -> str:
        return utc(run.mailed_at)

    @admin.display(description="report")
    def report_link(self, run: ScheduledRun) -> "SafeString | str":
        if run.report_id is None:
            return NONE
        address = reverse("admin:reports_report_change", args=[run.report_id])
        return format_html('<a href="{}">{}</a>', address, run.report_id.hex[:8])
