"""Celery tasks of reports. They take an id and read everything else from the database."""

import logging
from functools import partial
from uuid import UUID

from celery import shared_task

from jobs import log_context, queue
from jobs.lease import LeaseLost
from reports import turns
from reports.build import ending, services, shards
from reports.models import Report, Shard, Status

logger = logging.getLogger(__name__)


@shared_task(name="reports.build_report")
def build_report(report_id: str) -> str:
    """Do the job whose turn it is, or continue the report; return the report's status.

    A report that was started is finished first by the worker that gets its message.
    """
    begun = Report.objects.filter(pk=report_id, status=Status.RUNNING).exists()
    return (begun and _build(UUID(report_id))) or _next() or _status(report_id)


@shared_task(name="reports.build_shard")
def build_shard(shard_id: int) -> str:
    """Do the job whose turn it is, or continue the shard; return its report's status."""
    begun = Shard.objects.filter(pk=shard_id, status=Status.RUNNING).exists()
    return (begun and _build_shard(shard_id)) or _next()


def _next() -> str:
    """Do the first job that can be claimed and return its report's status; "" if there is none."""
    for job in turns.waiting():
        status = _build_shard(job.pk) if isinstance(job, Shard) else _build(job.pk)
        if status:
            return status
    return ""


def _build(report_id: UUID) -> str:
    """Build the report, or queue its shards; "" if it could not be claimed."""
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
    """Build the shard, and the report if it was the last; "" if it could not be claimed."""
    try:
        shard = shards.build_shard(shard_id)
        if shard is None:
            return ""
        # While other shards are unfinished the report cannot be claimed, and this does nothing.
        services.build_report(shard.report_id)
    except LeaseLost as loss:
        logger.info("stopped: %s", loss)
        return ""
    return _status(shard.report_id)


@shared_task(name="reports.sweep")
def sweep() -> int:
    """Queue lost jobs again; return how many."""
    lost_shards, lost_reports = shards.sweep(), services.sweep()
    for shard in lost_shards:
        _send_shard(shard)
    for report_id in lost_reports:
        _send(report_id)
    return len(lost_shards) + len(lost_reports)


def enqueue(report: Report) -> None:
    """Queue a new report; call it after the report's row is committed.

    The report's id is the task's. Raises one of ``BROKER_FAULTS`` if the broker cannot be
    reached; the report has been marked as failed then.
    """
    log_context.about(report)
    reason = "The queue could not be reached. Request it again."
    with queue.ended_without_broker(report, partial(ending.fail, report.pk, reason)):
        _send(report.pk)


def _status(report_id: UUID | str) -> str:
    """Return the status of a report, or "" if it was deleted."""
    return Report.objects.values_list("status", flat=True).filter(pk=report_id).first() or ""


def _send(report_id: UUID) -> None:
    queue.send(build_report, str(report_id), task_id=str(report_id))


def _send_shard(shard: Shard) -> None:
    queue.send(build_shard, shard.pk, task_id=f"{shard.report_id}-{shard.number}")
