"""What the project itself keeps: which workers there are."""

from datetime import timedelta

from django.db import models


class Worker(models.Model):
    """A worker, as it says of itself while it lives; see ``heartbeats``."""

    name = models.CharField(max_length=255)
    pid = models.PositiveIntegerField("process id")
    processes = models.PositiveSmallIntegerField(help_text="How many jobs it does at once.")
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(help_text="When it last said that it was alive.")

    clock_ahead = models.DurationField(
        default=timedelta(0), help_text="How far its own clock is ahead of the database's."
    )

    class Meta:
        ordering = ["name", "pid"]
        default_permissions = ["view"]
        constraints = [
            models.UniqueConstraint(name="worker_once", fields=["name", "pid"]),
            models.CheckConstraint(
                name="worker_beat_after_start",
                condition=models.Q(beat_at__gte=models.F("started_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.pid})"
