"""The project's own model: workers."""

from datetime import timedelta

from django.db import models


class Worker(models.Model):
    """A worker, from its own heartbeats; see ``heartbeats``."""

    name = models.CharField(max_length=255)
    pid = models.PositiveIntegerField("process id")
    processes = models.PositiveSmallIntegerField(help_text="The number of jobs it runs at once.")
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(help_text="The last heartbeat.")

    clock_ahead = models.DurationField(
        default=timedelta(0), help_text="How far its own clock is ahead of the database's."
    )
    # The default also in the database: workers of the version before do not know the column.
    code = models.CharField(
        max_length=16, default="", db_default="", help_text="The version of the code it runs."
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
