"""A webhook, and each of its messages."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from jobs import pauses
from jobs.models import ShortJob
from reports.models import Report
from webhooks import backoff
from webhooks.sending.addresses import check_url

MAX_RESPONSE_CHARACTERS = 1000


class Event(models.TextChoices):
    """The events of a webhook: the ends of a report, and the ping."""

    COMPLETE = "report.complete", "report complete"
    FAILED = "report.failed", "report failed"
    CANCELLED = "report.cancelled", "report cancelled"
    PING = "ping", "ping"


REPORT_EVENTS = (Event.COMPLETE, Event.FAILED, Event.CANCELLED)


def validate_url(url: str) -> None:
    """Raise ValidationError if no message can or may be sent to ``url``."""
    try:
        check_url(url)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class Webhook(models.Model):
    """A receiver of messages about ended reports.

    The secret itself is not in the database: it is derived from ``secret_seed`` and SECRET_KEY
    (see ``webhooks.sending.signing``), so a copy of the database alone cannot sign anything.
    """

    name = models.CharField(max_length=100)
    url = models.CharField(
        "URL", max_length=2000, validators=[validate_url], help_text="Where messages are posted."
    )
    on_complete = models.BooleanField("when a report is complete", default=True)
    on_failed = models.BooleanField("when a report has failed", default=True)
    on_cancelled = models.BooleanField("when a report was cancelled", default=False)
    active = models.BooleanField(default=True)
    inactive_because = models.CharField(
        max_length=200,
        blank=True,
        editable=False,
        help_text="Why it was switched off automatically.",
    )
    created_at = models.DateTimeField(editable=False)
    created_by = models.CharField(max_length=150, blank=True, editable=False)
    secret_seed = models.CharField(max_length=64, editable=False)
    secret_check = models.CharField(max_length=16, editable=False)
    previous_seed = models.CharField(max_length=64, blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, editable=False)
    watching_since = models.DateTimeField(
        editable=False, help_text="Reports that ended earlier are ignored."
    )
    watched_to = models.DateTimeField(
        editable=False,
        help_text="Every report that ended an hour or more before this has a delivery.",
    )

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                name="webhook_hears_of_something",
                condition=Q(on_complete=True) | Q(on_failed=True) | Q(on_cancelled=True),
                violation_error_message="Choose at least one event.",
            ),
            models.CheckConstraint(
                name="webhook_has_url_and_name", condition=~Q(url="") & ~Q(name="")
            ),
            models.CheckConstraint(
                name="webhook_has_secret",
                condition=~Q(secret_seed=""),  # no secret # nosec B106
            ),
            models.CheckConstraint(
                name="webhook_previous_secret_ends",
                condition=Q(previous_seed="", previous_until__isnull=True)
                | (~Q(previous_seed="") & Q(previous_until__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def events(self) -> list[str]:
        """The events it wants, apart from the ping."""
        chosen = (self.on_complete, self.on_failed, self.on_cancelled)
        return [event.value for event, on in zip(REPORT_EVENTS, chosen, strict=True) if on]


class Delivery(ShortJob):
    """One message to one webhook, and its state."""

    class Status(models.TextChoices):
        """The states of a delivery."""

        PENDING = "Pending"
        DELIVERED = "Delivered"
        FAILED = "Failed"

    HELD = Status.PENDING
    PAUSES = backoff.DELAYS

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    report = models.ForeignKey(
        Report, models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    event = models.CharField(max_length=20, choices=Event)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts_allowed = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, help_text="The last attempt.")
    ended_at = models.DateTimeField(null=True, help_text="Null during an attempt.")
    status_code = models.PositiveSmallIntegerField(null=True)
    response = models.CharField(max_length=MAX_RESPONSE_CHARACTERS, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["webhook", "-created_at", "-id"], name="delivery_of_webhook"),
            models.Index(fields=["-created_at", "-id"], name="delivery_newest_first"),
            models.Index(
                fields=["next_attempt_at"], name="delivery_due", condition=Q(status="Pending")
            ),
        ]
        constraints = [
            models.UniqueConstraint(name="delivery_once", fields=["webhook", "report", "event"]),
            models.CheckConstraint(
                name="delivery_event_known", condition=Q(event__in=Event.values)
            ),
            models.CheckConstraint(
                name="delivery_ping_has_no_report",
                condition=Q(event="ping", report__isnull=True)
                | (~Q(event="ping") & Q(report__isnull=False)),
            ),
            models.CheckConstraint(
                name="delivery_pending_has_next_attempt",
                condition=Q(status="Pending", next_attempt_at__isnull=False)
                | Q(status__in=["Delivered", "Failed"], next_attempt_at__isnull=True),
            ),
            models.CheckConstraint(
                name="delivery_delivered_was_answered",
                condition=~Q(status="Delivered")
                | Q(status_code__isnull=False, status_code__range=(200, 299)),
            ),
            models.CheckConstraint(
                name="delivery_failed_has_error", condition=~Q(status="Failed") | ~Q(error="")
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.id}"

    def pause(self) -> timedelta | None:
        """Return how long to wait after a failure; None after the last.

        What was sent again by hand begins with short pauses again.
        """
        begun = self.attempts_allowed - backoff.MAX_ATTEMPTS
        return pauses.pause(self.PAUSES, self.attempts - begun)

    def put_off(self, now: datetime, due: datetime) -> dict[str, Any]:
        """Return the values that give the row back at ``now`` until it is due again."""
        return {**super().put_off(now, due), "ended_at": now}

    @property
    def took(self) -> timedelta | None:
        """How long the last attempt took; None before its end."""
        return self.ended_at - self.started_at if self.ended_at and self.started_at else None
