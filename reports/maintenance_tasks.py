"""Celery tasks for regular maintenance, run by beat."""

import logging

from celery import shared_task
from django.conf import settings

from access.audit.entries import record
from access.models import AuditEntry
from jobs import clock
from reports import retention

logger = logging.getLogger(__name__)


@shared_task(name="reports.remove_orphans")
def remove_orphans() -> None:
    """Remove files that no row refers to."""
    retention.remove_orphans()


@shared_task(name="reports.prune")
def prune() -> None:
    """Remove data older than PRUNE_KEEP, like ``manage.py prune --apply``."""
    if settings.PRUNE_KEEP is None:
        logger.warning("nothing was pruned: PRUNE_KEEP is not set for this worker")
        return
    before = clock.now() - settings.PRUNE_KEEP
    retention.remove_all(before)
    record(
        who="PRUNE_KEEP",
        how=AuditEntry.How.SCHEDULE,
        what="prune",
        outcome="done",
        detail={"before": before},
    )
