"""Old entries of the record of changes."""

import logging
from datetime import datetime

from access.models import AuditEntry

logger = logging.getLogger(__name__)


def count(before: datetime) -> int:
    """Return how many entries are from before an instant."""
    return AuditEntry.objects.filter(at__lt=before).count()


def remove(before: datetime) -> None:
    """Remove the entries from before an instant."""
    count, _ = AuditEntry.objects.filter(at__lt=before).delete()
    if count:
        logger.info("removed %d audit entries", count)
