"""Reports in every state, and a broker that can be watched or made unreachable, for API tests."""

import hashlib
from datetime import UTC, datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from reports.models import Report

AS_OF = datetime(2023, 1, 25, 18, 13, 22, 479220, tzinfo=UTC)
TEXT = "store_id,uptime\na,1.00\n"
POLLS = "store_id,status,timestamp_utc\na,active,2023-01-25 18:13:22.47922 UTC\n"

# For a malformed request, and for a well-formed one that cannot be used.
REFUSALS = {(400, "invalid"), (422, "unusable_value")}


def release(response) -> None:
    """Close a streamed file; closing the response itself would close the database connection."""
    for close in response._resource_closers:
        close()


def queued(**values) -> Report:
    return Report.objects.create(**{"as_of": AS_OF, **values})


def running(**values) -> Report:
    lease = timezone.now() + timezone.timedelta(minutes=1)
    state = {"status": "Running", "lease_expires_at": lease, "stores_total": 4, "stores_done": 1}
    return queued(**{**state, **values})


def failed(error: str = "RuntimeError: the disk is full") -> Report:
    return queued(status="Failed", error=error, finished_at=timezone.now())


def complete(text: str = TEXT, **values) -> Report:
    content = text.encode()
    report = queued()
    name = default_storage.save(f"reports/{report.pk}-1.csv", ContentFile(content))
    state = {
        "status": "Complete",
        "file": name,
        "row_count": text.count("\n") - 1,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "started_at": timezone.now(),
        "finished_at": timezone.now(),
        "stores_total": 4,
        "stores_done": 4,
        **values,
    }
    Report.objects.filter(pk=report.pk).update(**state)
    report.refresh_from_db()
    return report
