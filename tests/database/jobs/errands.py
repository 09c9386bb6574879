"""Two kinds of jobs for tests only: one long, one short. No migration creates them."""

from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, models

from jobs.models import LongJob, ShortJob

LEASE = timedelta(minutes=1)
REQUEUE_AFTER = timedelta(minutes=2)
PAUSES = (timedelta(seconds=10), timedelta(minutes=3))
ALLOWED = 3


class LongErrand(LongJob):
    PAUSES = PAUSES

    status = models.CharField(max_length=16, default="Queued")
    attempts_allowed = models.PositiveSmallIntegerField(default=ALLOWED)
    enqueued_at = models.DateTimeField()

    class Meta:
        app_label = "errands"

    def __str__(self):
        return f"long errand {self.pk}"


class ShortErrand(ShortJob):
    HELD = "Pending"
    PAUSES = PAUSES
    ALLOWED = ALLOWED

    status = models.CharField(max_length=16, default="Pending")

    class Meta:
        app_label = "errands"

    def __str__(self):
        return f"short errand {self.pk}"


@contextmanager
def tables():
    """Create the tables of errands until the end of the block."""
    with connection.schema_editor() as editor:
        editor.create_model(LongErrand)
        editor.create_model(ShortErrand)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(ShortErrand)
            editor.delete_model(LongErrand)
