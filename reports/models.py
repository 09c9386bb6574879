"""A report: what was asked, where it stands, and the file it became."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Status(models.TextChoices):
    """Where a job stands."""

    QUEUED = "Queued"
    RUNNING = "Running"
    COMPLETE = "Complete"
    FAILED = "Failed"


def allowed_attempts() -> int:
    """Return how often a new job may be tried."""
    allowed: int = settings.REPORT_MAX_ATTEMPTS
    return allowed


class Job(models.Model):
    """Work that one worker at a time does, under a lease that it keeps renewing.

    ``attempts`` is the fencing token: whoever claims a job raises it, and only the holder of the
    current number may renew the lease, report progress or finish.
    """

    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    enqueued_at = models.DateTimeField(
        db_default=Now(), help_text="When a worker was last told of it."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    attempts_allowed = models.PositiveSmallIntegerField(default=allowed_attempts)
    lease_expires_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True


class Report(Job):
    """One report over all stores, as of one instant."""

    Status = Status

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    as_of = models.DateTimeField(
        "as of", help_text="Polls later than this do not exist for the report."
    )
    requested_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    stores_total = models.PositiveIntegerField(default=0)
    stores_done = models.PositiveIntegerField(default=0)
    file = models.FileField(upload_to="reports/", blank=True)
    row_count = models.PositiveIntegerField(null=True)
    size = models.BigIntegerField("size in bytes", null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="report_newest_first"),
            models.Index(
                fields=["status"],
                name="report_unfinished",
                condition=models.Q(status__in=["Queued", "Running"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="report_status_known",
                condition=models.Q(status__in=["Queued", "Running", "Complete", "Failed"]),
            ),
            models.CheckConstraint(
                name="report_running_has_lease",
                condition=~models.Q(status="Running") | models.Q(lease_expires_at__isnull=False),
            ),
            models.CheckConstraint(
                name="report_complete_has_file",
                condition=~models.Q(status="Complete")
                | (~models.Q(file="") & models.Q(row_count__isnull=False) & ~models.Q(sha256="")),
            ),
            models.CheckConstraint(
                name="report_failed_has_error",
                condition=~models.Q(status="Failed") | ~models.Q(error=""),
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.id}"

    @property
    def progress(self) -> dict[str, int]:
        """Stores done of stores in all, and the same as whole percent."""
        share = self.stores_done * 100 // self.stores_total if self.stores_total else 0
        return {
            "stores_done": self.stores_done,
            "stores_total": self.stores_total,
            "percent": share,
        }


class Shard(Job):
    """The part of a large report that one task computes: the stores of a range of keys."""

    Status = Status

    report = models.ForeignKey(Report, models.CASCADE, related_name="shards")
    number = models.PositiveIntegerField()
    first_key = models.PositiveIntegerField()
    last_key = models.PositiveIntegerField()
    store_count = models.PositiveIntegerField(null=True)
    part = models.CharField(max_length=200, blank=True, help_text="Its file in media storage.")

    class Meta:
        ordering = ["report", "number"]
        constraints = [
            models.UniqueConstraint(name="shard_once", fields=["report", "number"]),
            models.CheckConstraint(
                name="shard_status_known",
                condition=models.Q(status__in=["Queued", "Running", "Complete"]),
            ),
            models.CheckConstraint(
                name="shard_keys_ordered", condition=models.Q(first_key__lte=models.F("last_key"))
            ),
            models.CheckConstraint(
                name="shard_running_has_lease",
                condition=~models.Q(status="Running") | models.Q(lease_expires_at__isnull=False),
            ),
            models.CheckConstraint(
                name="shard_complete_has_part",
                condition=~models.Q(status="Complete")
                | (~models.Q(part="") & models.Q(store_count__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"shard {self.number} of report {self.report_id}"
