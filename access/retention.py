"""Old entries of the record of changes."""

from datetime import datetime

from access.models import AuditEntry


def count(before: datetime) -> int:
    """Return how many entries are from before an instant."""
    return AuditEntry.objects.filter(at__lt=before).count()


def remove(before: datetime) -> int:
    """Remove the entries from before an instant and return how many there were."""
    return AuditEntry.objects.filter(at__lt=before).delete()[0]
