"""Work that is stuck or was given up."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.urls import reverse

from dashboard.models import FleetSnapshot
from ingestion.models import Ingestion
from jobs import claims, clock
from jobs.models import QUEUED
from reports.models import Report, Shard
from schedules.models import Schedule, ScheduledRun
from storemonitor.operations import sweeps
from storemonitor.operations.attention import RECENT
from storemonitor.operations.doctor.findings import Finding, counted, fail, named, warn
from webhooks.models import Delivery, Webhook

_KINDS = (Report, Shard, Ingestion, FleetSnapshot)
_WAITS_LONG = timedelta(minutes=15)
# A job is queued again after 1, 2, 4 and 8 minutes.
_OFTEN = 5
_WORK = "see the checks workers and beat: with both running, it is queued again"


def stuck() -> Iterator[Finding]:
    """Find jobs that no worker takes, and those that the sweep should have ended."""
    now = clock.now()
    for model in _KINDS:
        jobs: QuerySet[Any] = model._default_manager.all()
        spent, app = claims.exhausted(jobs), model._meta.app_label
        if count := _of_before(spent, now - sweeps.LATE).count():
            text = f"{counted(count, *_names(model))} with no attempt left, and not ended"
            sweep = f'./run manage shell -c "from {app}.tasks import sweep; sweep()"'
            yield fail(text, f"{sweep}; {_WORK}")
        waiting = claims.unattended(jobs, now - _WAITS_LONG).exclude(pk__in=spent.values("pk"))
        if count := _of_before(waiting, now - _WAITS_LONG).count():
            minutes = _WAITS_LONG // timedelta(minutes=1)
            text = f"{counted(count, *_names(model))} waiting for over {minutes} minutes"
            yield warn(text, _WORK)


def _of_before(jobs: QuerySet[Any], instant: datetime) -> QuerySet[Any]:
    """Return the jobs that have waited, or whose lease has been over, since an instant."""
    begun = "created_at" if hasattr(jobs.model, "created_at") else "enqueued_at"
    waited = Q(**{f"{begun}__lt": instant}) | Q(announcements__gte=_OFTEN)
    return jobs.filter((Q(status=QUEUED) & waited) | Q(lease_expires_at__lt=instant))


def _names(model: type[Model]) -> tuple[str, str]:
    return str(model._meta.verbose_name), str(model._meta.verbose_name_plural)


def failures() -> Iterator[Finding]:
    """Find what failed within a day."""
    since = clock.now() - RECENT
    for model, page in ((Report, "reports_report"), (Ingestion, "ingestion_ingestion")):
        rows: QuerySet[Any] = model._default_manager.filter(status="Failed", finished_at__gt=since)
        last = rows.order_by("-finished_at").first()
        if last:
            address = reverse(f"admin:{page}_changelist", query={"status__exact": "Failed"})
            count = counted(rows.count(), *_names(model))
            text = f"{count} failed within a day; the last: {last.error}"
            yield warn(text, f"mend the reason, then try each again at {address}")


def snapshot() -> Iterator[Finding]:
    """Find out whether the dashboard's data could be made."""
    last = FleetSnapshot.objects.first()
    if last and last.status == FleetSnapshot.Status.FAILED:
        text = f"the dashboard's data could not be made: {last.error}"
        yield fail(text, "mend the reason; the sweep tries again every ten minutes")


def schedules() -> Iterator[Finding]:
    """Find schedules that are overdue or switched off, and e-mails that were given up."""
    now = clock.now()
    late = Schedule.objects.filter(active=True, next_due_at__lt=now - sweeps.LATE)
    names = [f"{one.name} (due {one.next_due_at:%Y-%m-%d %H:%M} UTC)" for one in late]
    if names:
        yield fail(f"{counted(len(names), 'schedule')} overdue: {named(names)}", _WORK)
    for one in Schedule.objects.filter(active=False).exclude(inactive_because=""):
        text = f"schedule {one.name} was switched off: {one.inactive_because}"
        address = reverse("admin:schedules_schedule_change", args=[one.pk])
        yield warn(text, f"correct it and switch it on at {address}")
    lost = ScheduledRun.objects.filter(status="Failed", ended_at__gt=now - RECENT)
    if lost:
        text = f"{counted(lost.count(), 'run')} of schedules failed; the last: {lost[0].error}"
        yield warn(text, "mend the reason: EMAIL_URL, or the report of the run")


def webhooks() -> Iterator[Finding]:
    """Find messages that were given up, and webhooks that are switched off."""
    since = clock.now() - RECENT
    lost = Delivery.objects.filter(status=Delivery.Status.FAILED, ended_at__gt=since)
    if lost:
        hooks = named(sorted(set(lost.values_list("webhook__name", flat=True))))
        count = counted(lost.count(), "delivery", "deliveries")
        address = reverse("admin:webhooks_delivery_changelist", query={"status__exact": "Failed"})
        text = f"{count} given up within a day, to {hooks}; the last: {lost[0].error}"
        yield warn(text, f"mend the receiver, then Send again at {address}")
    for one in Webhook.objects.filter(active=False).exclude(inactive_because=""):
        text = f"webhook {one.name} was switched off: {one.inactive_because}"
        address = reverse("admin:webhooks_webhook_change", args=[one.pk])
        yield warn(text, f"correct it and switch it on at {address}")
