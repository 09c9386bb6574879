"""Celery tasks of schedules."""

from typing import Any
from uuid import UUID

from celery import shared_task
from django.db.models import Q

from jobs import clock, queue
from reports.tasks import build_report
from schedules import runs, services
from schedules.models import ScheduledRun


@shared_task(name="schedules.sweep")
def sweep() -> int:
    """Start due runs and continue ended ones; return how many reports were started."""
    begun = services.start_due(clock.now())
    for report_id in begun:
        # If this message is lost, the sweep of reports queues it again.
        with queue.left_to_the_sweep(f"report {report_id}"):
            queue.send(build_report, str(report_id), task_id=str(report_id))
    go_on()
    return len(begun)


@shared_task(name="schedules.go_on")
def go_on() -> None:
    """Settle the runs whose report has ended, and queue the due e-mails."""
    runs.give_up()
    runs.settle_ended()
    for run_id in runs.mark_queued():
        with queue.left_to_the_sweep(f"the e-mail of run {run_id}"):
            queue.send(mail, str(run_id))


@shared_task(name="schedules.mail")
def mail(run_id: str) -> str:
    """Send the e-mail of a run and return the run's status."""
    runs.mail(UUID(run_id))
    status = ScheduledRun.objects.filter(pk=run_id).values_list("status", flat=True).first()
    return status or ""


def hurry(report_id: UUID, **_: Any) -> None:
    """Continue the run of an ended report at once; if that fails, the sweep does it later."""
    about = Q(report=report_id) | Q(targets_report=report_id) | Q(outages_report=report_id)
    if ScheduledRun.objects.filter(about).exists():
        with queue.left_to_the_sweep(f"the run of report {report_id}"):
            queue.send(go_on)
