"""Pruning of old audit entries."""

import logging
from datetime import datetime

from access.models import AuditEntry

logger = logging.getLogger(__name__)


def count(before: datetime) -> int:
    """Return how many entries are older than an instant."""
    return AuditEntry.objects.filter(at__lt=before).count()


def remove(before: datetime) -> None:
    """Remove the entries older than an instant."""
    count, _ = AuditEntry.objects.filter(at__lt=before).delete()
    if count:
        logger.info("removed %d audit entries", count)
