"""What other apps may hear about reports."""

from functools import partial
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

# Sent with ``report_id`` (UUID) and ``status`` once it is committed that a report is Complete,
# Failed or Cancelled. Receivers run where the report ended: they enqueue and do nothing else. A
# process that dies in between sends nothing; ``Report.finished_at`` tells what was missed.
report_ended = Signal()


def tell_ended(report_id: UUID, status: str) -> None:
    """Send ``report_ended`` after the commit; a receiver that fails is logged and harms nothing."""
    transaction.on_commit(
        partial(report_ended.send_robust, sender=None, report_id=report_id, status=str(status))
    )
