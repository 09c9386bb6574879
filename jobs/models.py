"""The columns of jobs, and the conditions on them.

A job is a row that one worker at a time does. ``attempts`` is the fencing token: a claim raises it,
and only the holder of the current number may renew the lease and write. A kind of job inherits
``LongJob`` or ``ShortJob``; the rest of this package works with both.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from jobs import pauses

QUEUED, RUNNING = UNFINISHED = ("Queued", "Running")


def allowed_attempts() -> int:
    """Return how often a new long job may be tried."""
    allowed: int = settings.MAX_ATTEMPTS
    return allowed


class _Attempted(models.Model):
    """What both forms of jobs have in common.

    A kind adds ``status``, a long one ``enqueued_at``, and a short one ALLOWED or
    ``attempts_allowed``.
    """

    HELD: ClassVar[str]  # The status of a claimed job.
    HELD_UNTIL: ClassVar[str]  # The column with the end of the lease.
    PAUSES: ClassVar[Sequence[timedelta]]  # After each passing error but the last.
    ALLOWED: ClassVar[F | int] = F("attempts_allowed")

    status: Any
    enqueued_at: Any
    announcements: Any
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True


class LongJob(_Attempted):
    """Work of any length, whose lease is renewed; Queued, then Running until it ends."""

    HELD = RUNNING
    HELD_UNTIL = "lease_expires_at"
    PAUSES = pauses.PASSING

    attempts_allowed = models.PositiveSmallIntegerField(default=allowed_attempts)
    lease_expires_at = models.DateTimeField(null=True)
    faults = models.PositiveSmallIntegerField(
        default=0, help_text="Attempts that ended with a passing error; each allows one more."
    )
    due_at = models.DateTimeField(
        null=True, help_text="Not tried again before this. Empty: at once."
    )
    announcements = models.PositiveSmallIntegerField(
        default=1, help_text="How often it was queued since it was last claimed."
    )

    class Meta:
        abstract = True

    @classmethod
    def free(cls, now: datetime) -> Q:
        """Return the condition for jobs without a holder at ``now``, due or not."""
        return Q(status=QUEUED) | Q(status=RUNNING, lease_expires_at__lte=now)

    @classmethod
    def unattended(cls, now: datetime) -> Q:
        """Return the condition for jobs that are due and have no holder at ``now``."""
        return cls.free(now) & (Q(due_at__isnull=True) | Q(due_at__lte=now))

    @classmethod
    def claimed(cls) -> dict[str, Any]:
        """Return what a claim writes besides attempt and lease."""
        return {"status": RUNNING, "due_at": None, "error": ""}

    def pause(self) -> timedelta | None:
        """Return the pause after a passing error; None after the last."""
        return pauses.pause(self.PAUSES, self.faults + 1)

    def put_off(self, now: datetime, due: datetime) -> dict[str, Any]:
        """Return the values that give the row back at ``now`` until it is due again.

        They allow one more attempt, so that passing errors do not use up the attempts that are
        meant for dead workers.
        """
        return {
            "lease_expires_at": now,
            "due_at": due,
            "faults": self.faults + 1,
            "attempts_allowed": F("attempts_allowed") + 1,
        }

    def given_up(self, reason: str) -> str:
        """Return the row's error after ``reason`` ended its last attempt."""
        return f"Gave up after {self.attempts} attempts: {reason.rstrip('.')}."


class ShortJob(_Attempted):
    """Work that always ends within its lease, such as sending a message.

    One status, ``HELD``, means that it is waiting or in progress. A claim moves ``next_attempt_at``
    further ahead than an attempt can take: if the worker dies, the job is due again.
    """

    HELD_UNTIL = "next_attempt_at"

    next_attempt_at = models.DateTimeField(null=True)
    announcements = models.PositiveSmallIntegerField(
        default=0, help_text="How often it was queued since it was last claimed."
    )
    enqueued_at = models.DateTimeField(null=True, help_text="When it was last queued.")

    class Meta:
        abstract = True

    @classmethod
    def unattended(cls, now: datetime) -> Q:
        """Return the condition for jobs that are due and have no holder at ``now``."""
        return Q(status=cls.HELD, next_attempt_at__lte=now)

    @classmethod
    def claimed(cls) -> dict[str, Any]:
        """Return what a claim writes besides attempt and lease."""
        return {}

    def pause(self) -> timedelta | None:
        """Return the pause after a passing error; None after the last."""
        return pauses.pause(self.PAUSES, self.attempts)

    def put_off(self, now: datetime, due: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Return the values that give the row back until it is due again."""
        return {"next_attempt_at": due}

    def given_up(self, reason: str) -> str:
        """Return the row's error after ``reason`` ended its last attempt."""
        return reason


Job = LongJob | ShortJob
