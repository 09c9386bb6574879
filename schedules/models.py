"""A schedule and its runs."""

import re
import uuid
from datetime import timedelta
from typing import cast

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from fleet.models import BusinessHours, TimeZone
from jobs.models import ShortJob
from reports.models import Columns, PollerOutages, Report, ReportKind, classic_window_texts
from schedules import planning

MAX_RECIPIENTS = 50


def validate_one_line(name: str) -> None:
    """Raise ValidationError for a name that cannot be the subject of an e-mail."""
    if re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", name):
        raise ValidationError("Must be one line without control characters.")


class Schedule(models.Model):
    """Reports on a schedule in a time zone, one for each period."""

    class Cadence(models.TextChoices):
        """How often reports are made."""

        HOURLY = "hourly"
        DAILY = "daily"
        WEEKLY = "weekly"
        MONTHLY = "monthly"

    class MailAs(models.TextChoices):
        """How the e-mail delivers the report."""

        LINK = "link"
        ATTACHMENT = "attachment"

    name = models.CharField(max_length=100, validators=[validate_one_line])
    cadence = models.CharField(max_length=8, choices=Cadence)
    minute = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(59)])
    hour = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(23)], help_text="Not for hourly."
    )
    weekday = models.PositiveSmallIntegerField(
        choices=BusinessHours.Weekday, null=True, blank=True, help_text="For weekly."
    )
    day = models.PositiveSmallIntegerField(
        "day of the month",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="For monthly; in a shorter month, its last day.",
    )
    time_zone = models.ForeignKey(TimeZone, models.PROTECT, db_column="time_zone", default="UTC")
    windows = models.JSONField(default=classic_window_texts)
    columns = models.CharField(max_length=16, choices=Columns, default=Columns.CLASSIC)
    kind = models.CharField(
        max_length=16,
        choices=ReportKind,
        default=ReportKind.UPTIME,
        db_default=ReportKind.UPTIME,
        help_text="What the rows of a report are.",
    )
    max_gap = models.DurationField(null=True, blank=True)
    poller_outages = models.CharField(
        max_length=8,
        choices=PollerOutages,
        default=PollerOutages.FILL,
        db_default=PollerOutages.FILL,
        help_text="What time in which nobody polled counts as.",
    )
    stores = models.JSONField(null=True, blank=True, help_text="Empty: all stores.")
    recipients = models.JSONField(default=list, blank=True, help_text="E-mail addresses.")
    mail_as = models.CharField(max_length=10, choices=MailAs, default=MailAs.LINK)
    active = models.BooleanField(default=True)
    inactive_because = models.CharField(
        max_length=200,
        blank=True,
        default="",
        editable=False,
        help_text="Why it was switched off automatically.",
    )
    created_at = models.DateTimeField(editable=False)
    created_by = models.CharField(max_length=150, blank=True, editable=False)
    active_since = models.DateTimeField(editable=False, help_text="Earlier periods are skipped.")
    next_due_at = models.DateTimeField(editable=False, db_index=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(name="schedule_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="schedule_cadence_known",
                condition=Q(cadence__in=["hourly", "daily", "weekly", "monthly"]),
            ),
            models.CheckConstraint(
                name="schedule_minute", condition=Q(minute__lte=59), violation_error_message="0-59."
            ),
            models.CheckConstraint(
                name="schedule_hour_unless_hourly",
                condition=Q(cadence="hourly", hour__isnull=True)
                | (~Q(cadence="hourly") & Q(hour__isnull=False, hour__lte=23)),
                violation_error_message="An hour (0-23) belongs to all but the hourly cadence.",
            ),
            models.CheckConstraint(
                name="schedule_weekday_if_weekly",
                condition=Q(cadence="weekly", weekday__isnull=False, weekday__lte=6)
                | (~Q(cadence="weekly") & Q(weekday__isnull=True)),
                violation_error_message="A weekday (0 is Monday) belongs to the weekly cadence.",
            ),
            models.CheckConstraint(
                name="schedule_day_if_monthly",
                condition=Q(cadence="monthly", day__isnull=False, day__range=(1, 31))
                | (~Q(cadence="monthly") & Q(day__isnull=True)),
                violation_error_message="A day (1-31) belongs to the monthly cadence.",
            ),
            models.CheckConstraint(
                name="schedule_kind_known",
                condition=Q(kind__in=["uptime", "rollup", "outages", "targets"]),
            ),
            models.CheckConstraint(
                name="schedule_kind_has_columns",
                condition=Q(kind="uptime") | Q(columns="classic"),
                violation_error_message="Only a report of kind uptime has a choice of columns.",
            ),
            models.CheckConstraint(
                name="schedule_poller_outages_known",
                condition=Q(poller_outages__in=["fill", "unknown"]),
            ),
            models.CheckConstraint(
                name="schedule_mail_as_known", condition=Q(mail_as__in=["link", "attachment"])
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> planning.Rule:
        return planning.Rule(
            cadence=cast("planning.Cadence", str(self.cadence)),
            zone=str(self.time_zone_id),
            minute=self.minute,
            hour=self.hour or 0,
            weekday=self.weekday or 0,
            day=self.day or 1,
        )


class ScheduledRun(ShortJob):
    """The outcome of one period of a schedule: its report, and the e-mail about it.

    The job is the e-mail: ``attempts`` and ``next_attempt_at`` belong to it.
    """

    class Status(models.TextChoices):
        """The states of a run."""

        WAITING = "Waiting", "waiting for the report"
        MAILING = "Mailing", "e-mail not yet sent"
        DONE = "Done"
        FAILED = "Failed"

    HELD = Status.MAILING
    # Six attempts within nine hours.
    PAUSES = (
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=6),
    )
    ALLOWED = len(PAUSES) + 1

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="runs")
    period = models.CharField(max_length=32, help_text="In local time, such as 2024-W10.")
    due_at = models.DateTimeField(help_text="The report is as of this instant.")
    report = models.ForeignKey(
        Report, models.SET_NULL, null=True, blank=True, related_name="scheduled_runs"
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-due_at", "-id"]
        indexes = [
            models.Index(fields=["-due_at", "-id"], name="run_newest_first"),
            models.Index(
                fields=["status"],
                name="run_unsettled",
                condition=Q(status__in=["Waiting", "Mailing"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(name="run_once", fields=["schedule", "period"]),
            models.CheckConstraint(
                name="run_status_known",
                condition=Q(status__in=["Waiting", "Mailing", "Done", "Failed"]),
            ),
            models.CheckConstraint(
                name="run_mailing_has_next_attempt",
                condition=Q(status="Mailing", next_attempt_at__isnull=False)
                | (~Q(status="Mailing") & Q(next_attempt_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="run_ended_has_end",
                condition=Q(status__in=["Done", "Failed"], ended_at__isnull=False)
                | Q(status__in=["Waiting", "Mailing"], ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="run_failed_has_error", condition=~Q(status="Failed") | ~Q(error="")
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.period} of schedule {self.schedule_id}"
