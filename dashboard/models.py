"""The snapshot of the fleet that the dashboard shows: a job, and the file it made."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from jobs.models import UNFINISHED, LongJob


class FleetSnapshot(LongJob):
    """The state of all stores as of the newest poll of one version of the data.

    Rows are made by the sweep and computed by a worker; pages read the newest complete one.
    """

    class Status(models.TextChoices):
        """The states of a job."""

        QUEUED = "Queued"
        RUNNING = "Running"
        COMPLETE = "Complete"
        FAILED = "Failed"

    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    enqueued_at = models.DateTimeField(db_default=Now(), help_text="When it was last queued.")
    data_version = models.BigIntegerField(help_text="The data's version when it was begun.")
    fingerprint = models.CharField(
        max_length=64, help_text="SHA-256 of everything else that affects the numbers."
    )
    as_of = models.DateTimeField("as of", null=True, help_text="The newest poll.")
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    store_count = models.PositiveIntegerField(default=0)
    file = models.FileField(upload_to="snapshots/", blank=True)
    size = models.BigIntegerField("size in bytes", null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # A burst of changes makes one snapshot, not one each.
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="Queued"), name="snapshot_one_queued"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["Queued", "Running", "Complete", "Failed"]),
                name="snapshot_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNFINISHED, finished_at=None)
                | (~Q(status__in=UNFINISHED) & Q(finished_at__isnull=False)),
                name="snapshot_finished_when_ended",
            ),
            models.CheckConstraint(
                condition=~Q(status="Complete") | (~Q(file="") & Q(as_of__isnull=False)),
                name="snapshot_complete_has_file",
            ),
        ]

    def __str__(self) -> str:
        return f"snapshot {self.pk}"
