"""What was found in the polls between two instants, kept until the data change."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class PollerSearch(models.Model):
    """A search for the poller's outages in the polls between two instants, both included."""

    data_version = models.BigIntegerField(
        null=True, help_text="Version of the data; empty if it changed during the search."
    )
    core = models.CharField(max_length=64, help_text="SHA-256 of the code that searched.")
    since = models.DateTimeField()
    until = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["data_version", "core", "since", "until"], name="poller_search_once"
            ),
            models.CheckConstraint(
                condition=Q(since__lte=F("until")), name="poller_search_forwards"
            ),
        ]

    def __str__(self) -> str:
        return f"search for poller outages from {self.since} to {self.until}"


class FoundOutage(models.Model):
    """A poller outage. Without an end it lasts, and is one if it does from ``counts_from`` on."""

    search = models.ForeignKey(PollerSearch, models.CASCADE, related_name="outages")
    scope = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    counts_from = models.DateTimeField()
    stores = models.PositiveIntegerField(help_text="How many were being polled.")

    class Meta:
        default_permissions = ()
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gt=F("started_at")),
                name="found_outage_forwards",
            ),
            models.CheckConstraint(
                condition=Q(counts_from__gte=F("started_at")), name="found_outage_counts_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} from {self.started_at}"
