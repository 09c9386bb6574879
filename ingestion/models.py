"""The record of each ingested file."""

from typing import Any

from django.db import models
from django.db.models.functions import Now

from jobs.models import LongJob


class Feed(models.TextChoices):
    """The five feeds, by the names of their command-line options."""

    STATUS = "status", "store status"
    HOURS = "hours", "business hours"
    TIMEZONES = "timezones", "time zones"
    STORES = "stores", "names and tags of stores"
    SPECIAL_DAYS = "special_days", "special days"


class Ingestion(LongJob):
    """One file that was ingested, failed, or is waiting for a worker.

    A waiting file is kept in ``upload`` until a worker has finished with it.
    ``rows_read = rows_new + rows_changed + rows_repeated + rows_superseded + rows_rejected``.
    """

    class Status(models.TextChoices):
        """The states of an ingestion. One transaction writes all of its data or none."""

        QUEUED = "Queued"
        RUNNING = "Running"
        COMPLETE = "Complete"
        FAILED = "Failed"

    class Phase(models.TextChoices):
        """The phases of a running ingestion: ``done`` and ``total`` count bytes, then rows."""

        READING = "reading"
        STORING = "storing"

    name = models.CharField(max_length=255, help_text="The file, as its sender named it.")
    feed = models.CharField(max_length=16, choices=Feed, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.RUNNING)
    sha256 = models.CharField(
        "SHA-256", max_length=64, blank=True, help_text="Of the bytes as sent."
    )
    size = models.BigIntegerField("size in bytes", default=0)
    rows_read = models.BigIntegerField(default=0)
    rows_new = models.BigIntegerField(default=0)
    rows_changed = models.BigIntegerField(default=0, help_text="Known before, with another value.")
    rows_repeated = models.BigIntegerField(
        default=0, help_text="Known before, or twice in the file."
    )
    rows_superseded = models.BigIntegerField(
        default=0, help_text="Superseded by a later row of the same file."
    )
    rows_removed = models.BigIntegerField(
        default=0, help_text="Earlier business hours or special days that the file replaced."
    )
    rows_rejected = models.BigIntegerField(default=0)
    rejects = models.FileField(upload_to="rejects/", blank=True)
    is_sample = models.BooleanField(
        default=False, db_default=False, help_text="A file of the sample, not of real stores."
    )
    keep_sample = models.BooleanField(
        default=False, db_default=False, help_text="The sample was kept when this file was stored."
    )
    sample_stores_removed = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="Sample stores that were removed, with their polls and reports.",
    )
    requested_by = models.CharField(
        max_length=150, help_text="A user, or the way the file was sent."
    )
    upload = models.FileField(upload_to="uploads/", blank=True)
    enqueued_at = models.DateTimeField(
        null=True, help_text="When it was last queued, if a worker was needed."
    )
    attempts = models.PositiveSmallIntegerField(default=1)
    phase = models.CharField(max_length=16, choices=Phase, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    started_at = models.DateTimeField(db_default=Now(), null=True)
    finished_at = models.DateTimeField(null=True)
    lease_expires_at = models.DateTimeField(
        null=True, help_text="A running ingestion with no update by then counts as killed."
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            # Each claim and each sweep looks for the few unfinished ones among all.
            models.Index(
                fields=["feed"],
                name="ingestion_unfinished",
                condition=models.Q(status__in=["Queued", "Running"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="ingestion_status_known",
                condition=models.Q(status__in=["Queued", "Running", "Complete", "Failed"]),
            ),
            models.CheckConstraint(
                name="ingestion_feed_known",
                condition=models.Q(
                    feed__in=["", "status", "hours", "timezones", "stores", "special_days"]
                ),
            ),
            models.CheckConstraint(
                name="ingestion_running_has_lease",
                condition=~models.Q(status="Running") | models.Q(lease_expires_at__isnull=False),
            ),
            models.CheckConstraint(
                name="ingestion_queued_has_upload",
                condition=~models.Q(status="Queued")
                | (~models.Q(upload="") & models.Q(enqueued_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="ingestion_started_unless_queued",
                condition=models.Q(started_at__isnull=False) | ~models.Q(status="Running"),
            ),
            models.CheckConstraint(
                name="ingestion_phase_known",
                condition=models.Q(phase__in=["", "reading", "storing"]),
            ),
            models.CheckConstraint(
                name="ingestion_failed_has_error",
                condition=~models.Q(status="Failed") | ~models.Q(error=""),
            ),
            models.CheckConstraint(
                name="ingestion_rows_add_up",
                condition=models.Q(
                    rows_read=models.F("rows_new")
                    + models.F("rows_changed")
                    + models.F("rows_repeated")
                    + models.F("rows_superseded")
                    + models.F("rows_rejected")
                )
                | ~models.Q(status="Complete"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"

    @property
    def message(self) -> str:
        """The id of its messages."""
        return f"ingestion-{self.pk}"

    @property
    def log_names(self) -> dict[str, str]:
        return {"ingestion_id": str(self.pk)}

    @property
    def progress(self) -> dict[str, Any]:
        """Return phase, done, total (None if unknown) and whole percent of the phase.

        In the phase "waiting" and while reading, the unit is bytes; after that, rows.
        """
        if self.status == self.Status.COMPLETE:
            return _progress("stored", self.rows_read, self.rows_read)
        if self.status == self.Status.QUEUED:
            return _progress("waiting", 0, self.size)
        return _progress(self.phase or self.Phase.READING.value, self.done, self.total)


def _progress(phase: str, done: int, total: int | None) -> dict[str, Any]:
    percent = None if total is None else min(100 * done // max(total, 1), 100)
    return {"phase": phase, "done": done, "total": total, "percent": percent}
