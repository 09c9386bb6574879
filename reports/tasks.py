"""Celery tasks of reports. They take an id and find everything else in the database."""

import logging
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from reports import services
from reports.models import Report

logger = logging.getLogger(__name__)


@shared_task(name="reports.build_report")
def build_report(report_id: str) -> str:
    """Build the report and return where it stands now."""
    services.build_report(UUID(report_id))
    return Report.objects.values_list("status", flat=True).get(pk=report_id)


@shared_task(name="reports.sweep")
def sweep() -> int:
    """Tell the workers again of reports that were lost on the way; return how many."""
    reports = services.sweep()
    for report_id in reports:
        _send(report_id)
    return len(reports)


def enqueue(report: Report) -> None:
    """Tell the workers of a new report; call it once the report's row is committed.

    The report's id is the task's. Raises ``kombu.exceptions.OperationalError`` if the broker
    cannot be reached; the report has been marked as failed then.
    """
    try:
        _send(report.pk)
    except OperationalError as error:
        logger.exception("report %s: the broker cannot be reached", report.pk)
        services.fail(report.pk, f"The queue could not be reached: {error}. Request it again.")
        raise


def _send(report_id: UUID) -> None:
    build_report.apply_async(args=[str(report_id)], task_id=str(report_id))
