"""Celery tasks of reports. They take an id and find everything else in the database."""

import logging
from functools import partial
from uuid import UUID

from celery import shared_task

from jobs import queue
from jobs.lease import LeaseLost
from reports import turns
from reports.build import ending, services, shards
from reports.models import Report, Shard, Status

logger = logging.getLogger(__name__)


@shared_task(name="reports.build_report")
def build_report(report_id: str) -> str:
    """Do the job whose turn it is, or go on with the report; return where a report stands now.

    A report that was begun before is finished first, by whoever is told of it.
    """
    begun = Report.objects.filter(pk=report_id, status=Status.RUNNING).exists()
    return (begun and _build(UUID(report_id))) or _next() or _status(report_id)


@shared_task(name="reports.build_shard")
def build_shard(shard_id: int) -> str:
    """Do the job whose turn it is, or go on with the shard; return where its report stands now."""
    begun = Shard.objects.filter(pk=shard_id, status=Status.RUNNING).exists()
    return (begun and _build_shard(shard_id)) or _next()


def _next() -> str:
    """Do the first job that is to be had and return where its report stands; "" where none is."""
    for job in turns.waiting():
        status = _build_shard(job.pk) if isinstance(job, Shard) else _build(job.pk)
        if status:
            return status
    return ""


def _build(report_id: UUID) -> str:
    """Build the report, or tell the workers of its shards; "" where it was not to be had."""
    try:
        report = services.build_report(report_id)
    except LeaseLost as loss:
        logger.info("stopped: %s", loss)
        return _status(report_id)
    if report and report.status == Status.RUNNING:
        with queue.left_to_the_sweep(f"each shard of {report}"):
            for shard in report.shards.all():
                _send_shard(shard)
    return report.status if report else ""


def _build_shard(shard_id: int) -> str:
    """Build the shard, and the report if that was the last; "" where it was not to be had."""
    try:
        shard = shards.build_shard(shard_id)
        if shard is None:
            return ""
        # While other shards are not done the report is not to be had, and this does nothing.
        services.build_report(shard.report_id)
    except LeaseLost as loss:
        logger.info("stopped: %s", loss)
        return ""
    return _status(shard.report_id)


@shared_task(name="reports.sweep")
def sweep() -> int:
    """Tell the workers again of what was lost on the way; return how much that was."""
    lost_shards, lost_reports = shards.sweep(), services.sweep()
    for shard in lost_shards:
        _send_shard(shard)
    for report_id in lost_reports:
        _send(report_id)
    return len(lost_shards) + len(lost_reports)


def enqueue(report: Report) -> None:
    """Tell the workers of a new report; call it once the report's row is committed.

    The report's id is the task's. Raises one of ``BROKER_FAULTS`` if the broker cannot be
    reached; the report has been marked as failed then.
    """
    reason = "The queue could not be reached. Request it again."
    with queue.ended_without_broker(report, partial(ending.fail, report.pk, reason)):
        _send(report.pk)


def _status(report_id: UUID | str) -> str:
    """Return where a report stands, or nothing if it was deleted."""
    return Report.objects.values_list("status", flat=True).filter(pk=report_id).first() or ""


def _send(report_id: UUID) -> None:
    queue.send(build_report, str(report_id), task_id=str(report_id))


def _send_shard(shard: Shard) -> None:
    queue.send(build_shard, shard.pk, task_id=f"{shard.report_id}-{shard.number}")
