"""Metrics of the work: what waits, what ended, how long it took."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Count, Min, QuerySet, Sum
from prometheus_client.core import GaugeMetricFamily

from dashboard.models import FleetSnapshot
from fleet.versions import current_version
from ingestion.models import Ingestion
from jobs import clock, pauses
from jobs.models import QUEUED, RUNNING
from reports.models import Report, Shard
from schedules.models import ScheduledRun
from storemonitor.metrics.gauges import gauge, gauges, labelled, seconds
from webhooks.models import Delivery

RECENT = timedelta(hours=1)
_LONG = {"report": Report, "shard": Shard, "ingestion": Ingestion, "snapshot": FleetSnapshot}
_SHORT = {"delivery": Delivery, "email": ScheduledRun}
# The oldest of very many waiting jobs is among the first of them.
_MOST_WAITING = 1000
_MOST_RECENT = 5000
_QUANTILES = (0.5, 0.95, 1.0)
# A message is sent for two days at most.
_MESSAGE_LIFE = timedelta(days=2)
_ROWS = ("new", "changed", "repeated", "superseded", "rejected")


def reports() -> Iterator[GaugeMetricFamily]:
    """Yield the numbers of reports, and how long those of the last hour took."""
    now = clock.now()
    unfinished = dict.fromkeys((QUEUED, RUNNING), 0) | _by_status(
        Report.objects.filter(status__in=(QUEUED, RUNNING))
    )
    yield gauges("reports_unfinished", "Reports that have not ended.", "status", unfinished)
    recent = Report.objects.filter(finished_at__gte=now - RECENT)
    ended = dict.fromkeys(("Complete", "Failed", "Cancelled"), 0) | _by_status(recent)
    yield gauges("reports_ended_1h", "Reports that ended within an hour.", "status", ended)
    complete = recent.filter(status=Report.Status.COMPLETE).order_by("-finished_at")
    times = complete.values_list("created_at", "started_at", "finished_at")[:_MOST_WAITING]
    yield _durations(times)


def _durations(
    times: Iterable[tuple[datetime, datetime | None, datetime | None]],
) -> GaugeMetricFamily:
    known = [(asked, begun, ended) for asked, begun, ended in times if begun and ended]
    parts = {
        "waiting": [seconds(asked, begun) for asked, begun, _ in known],
        "building": [seconds(begun, ended) for _, begun, ended in known],
    }
    values = [
        ((part, f"{share:g}"), float(np.quantile(took, share)))
        for part, took in parts.items()
        for share in _QUANTILES
        if took
    ]
    text = "How long reports that were completed within an hour waited and were built."
    return labelled("report_seconds_1h", text, ("part", "quantile"), values)


def waiting() -> Iterator[GaugeMetricFamily]:
    """Yield how many due jobs have no worker, and since when the oldest of each kind."""
    now = clock.now()
    jobs: dict[str, QuerySet[Any]] = {
        name: model._default_manager.filter(model.unattended(now))
        for name, model in (_LONG | _SHORT).items()
    }
    counts = {name: rows.count() for name, rows in jobs.items()}
    yield gauges("jobs_waiting", "Jobs that are due and have no worker.", "kind", counts)
    ages = {name: _age(rows, now, is_long=name in _LONG) for name, rows in jobs.items()}
    text = "For how long the oldest of them has been waiting; 0 if none is."
    yield gauges("jobs_waiting_oldest_seconds", text, "kind", ages)


def _age(rows: QuerySet[Any], now: datetime, *, is_long: bool) -> float:
    if is_long:
        found = rows.order_by("enqueued_at")[:_MOST_WAITING]
        columns = ("status", "due_at", "lease_expires_at", "enqueued_at", "announcements")
        since = min((_since(row) for row in found.values(*columns)), default=now)
    else:
        since = rows.aggregate(since=Min("next_attempt_at"))["since"] or now
    return max(seconds(since, now), 0.0)


def _since(job: Mapping[str, Any]) -> datetime:
    """Return since when a long job has been waiting, to within the pauses between messages."""
    if job["due_at"] or job["status"] == RUNNING:
        # A passing error has passed, or its worker has died.
        since: datetime = job["due_at"] or job["lease_expires_at"]
        return since
    again = pauses.before(job["announcements"], after=settings.REPORT_REQUEUE_AFTER)
    first: datetime = job["enqueued_at"] - again
    return first


def ingestions() -> Iterator[GaugeMetricFamily]:
    """Yield the files and rows of the last hour, of the newest few thousand files at most."""
    newest = Ingestion.objects.values_list("pk", flat=True).order_by("-pk").first() or 0
    recent = Ingestion.objects.filter(
        pk__gt=newest - _MOST_RECENT, finished_at__gte=clock.now() - RECENT
    )
    ended = dict.fromkeys(("Complete", "Failed"), 0) | _by_status(recent)
    yield gauges("ingestions_ended_1h", "Files ingested within an hour.", "status", ended)
    complete = recent.filter(status=Ingestion.Status.COMPLETE)
    sums = complete.aggregate(**{name: Sum(f"rows_{name}", default=0) for name in _ROWS})
    yield gauges("ingestion_rows_1h", "Rows of these files, by what became of them.", "row", sums)


def messages() -> Iterator[GaugeMetricFamily]:
    """Yield how many messages were given up within an hour."""
    now = clock.now()
    since = now - RECENT
    failed = {
        "webhook": Delivery.objects.filter(
            created_at__gte=now - _MESSAGE_LIFE, status="Failed", ended_at__gte=since
        ),
        "email": ScheduledRun.objects.filter(
            due_at__gte=now - _MESSAGE_LIFE, status="Failed", ended_at__gte=since
        ),
    }
    counts = {name: rows.count() for name, rows in failed.items()}
    text = "Messages of webhooks, and runs of schedules, that were given up within an hour."
    yield gauges("messages_failed_1h", text, "kind", counts)


def snapshot() -> Iterator[GaugeMetricFamily]:
    """Yield the age of the state that the dashboard shows; nothing before the first."""
    complete = FleetSnapshot.objects.filter(status=FleetSnapshot.Status.COMPLETE)
    newest = complete.first()
    if newest is None or newest.finished_at is None:
        return
    age = seconds(newest.finished_at, clock.now())
    yield gauge("snapshot_age_seconds", "Since the dashboard's snapshot was made.", age)
    behind = current_version() != newest.data_version
    yield gauge("snapshot_behind", "1 if the data have changed since then.", behind)


def _by_status(rows: QuerySet[Any]) -> dict[str, int]:
    counted = rows.order_by().values_list("status").annotate(count=Count("pk"))
    return dict(counted)
