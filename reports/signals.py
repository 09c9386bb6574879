"""Signals about reports for other apps."""

from functools import partial
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

# Sent with ``report_id`` (UUID) and ``status`` after the commit that makes a report Complete,
# Failed or Cancelled. Receivers run in the process that ended the report: they only queue tasks. A
# process that dies in between sends nothing; ``Report.finished_at`` shows what was missed.
report_ended = Signal()


def tell_ended(report_id: UUID, status: str) -> None:
    """Send ``report_ended`` after the commit; a receiver that fails is logged and does no harm."""
    transaction.on_commit(
        partial(report_ended.send_robust, sender=None, report_id=report_id, status=str(status))
    )
