"""A report: its parameters, its state, and its file."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models.functions import Now

from jobs.models import LongJob
from reports.poller.models import FoundOutage, PollerSearch

__all__ = [
    "Columns",
    "FoundOutage",
    "IdempotencyKey",
    "PollerOutages",
    "PollerSearch",
    "Report",
    "ReportKind",
    "Shard",
    "Status",
]


class Status(models.TextChoices):
    """The states of a job."""

    QUEUED = "Queued"
    RUNNING = "Running"
    COMPLETE = "Complete"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


class Columns(models.TextChoices):
    """The columns of a report for each window."""

    CLASSIC = "classic"
    FULL = "full"


class ReportKind(models.TextChoices):
    """What the rows of a report are: stores, sums of stores, outages, or targets of stores."""

    UPTIME = "uptime"
    ROLLUP = "rollup"
    OUTAGES = "outages"
    TARGETS = "targets"


class PollerOutages(models.TextChoices):
    """What time in which nobody polled counts as (rule 19)."""

    FILL = "fill"
    UNKNOWN = "unknown"


def classic_window_texts() -> list[str]:
    """Return the windows of a report that asks for no others."""
    return ["1h", "24h", "7d"]


class ReportJob(LongJob):
    """A report, or a part of one."""

    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    enqueued_at = models.DateTimeField(db_default=Now(), help_text="When it was last queued.")

    class Meta:
        abstract = True


class Report(ReportJob):
    """One report over all or some stores, as of one instant."""

    Status = Status
    Columns = Columns

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    as_of = models.DateTimeField("as of", help_text="Later polls are ignored.")
    windows = models.JSONField(
        default=classic_window_texts, help_text="Canonical texts, such as 24h."
    )
    columns = models.CharField(max_length=16, choices=Columns, default=Columns.CLASSIC)
    max_gap = models.DurationField(
        null=True, help_text="Time further than this from any poll is unknown. Empty: no limit."
    )
    stores = models.JSONField(
        null=True, help_text="Which stores: ids, time_zone, tag. Empty: all stores."
    )
    poller_outages = models.CharField(
        max_length=8,
        choices=PollerOutages,
        default=PollerOutages.FILL,
        db_default=PollerOutages.FILL,
        help_text="What time in which nobody polled counts as.",
    )
    kind = models.CharField(
        max_length=16,
        choices=ReportKind,
        default=ReportKind.UPTIME,
        db_default=ReportKind.UPTIME,
        help_text="What its rows are.",
    )
    targets = models.JSONField(
        null=True, editable=False, help_text="What a report of kind targets judges by."
    )
    nobody_polled = models.JSONField(
        null=True, editable=False, help_text="When nobody polled its stores; empty if not known."
    )
    excluded = models.JSONField(
        null=True, editable=False, help_text="Which time was excluded and why; empty for none."
    )
    fingerprint = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="SHA-256 of everything that affects the numbers except the data.",
    )
    data_version = models.BigIntegerField(
        null=True,
        editable=False,
        help_text="Version of the data; empty if it changed during the computation.",
    )
    stamp = models.JSONField(
        null=True,
        editable=False,
        help_text="By what it was made; empty if it was made before reports kept this.",
    )
    requested_by = models.CharField(max_length=150, blank=True)
    turn = models.BigIntegerField(
        default=0, db_default=0, editable=False, help_text="Workers take the lowest first."
    )
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
            models.Index(
                fields=["fingerprint"],
                name="report_reusable",
                condition=~models.Q(fingerprint=""),
            ),
            models.Index(fields=["requested_by", "turn"], name="report_turn_of_sender"),
            models.Index(
                fields=["turn"],
                name="report_turn_served",
                condition=models.Q(started_at__isnull=False),
            ),
            # The sweep of webhooks looks for recently ended reports several times a minute.
            models.Index(fields=["finished_at"], name="report_ended"),
        ]
        constraints = [
            models.CheckConstraint(
                name="report_status_known",
                condition=models.Q(
                    status__in=["Queued", "Running", "Complete", "Failed", "Cancelled"]
                ),
            ),
            models.CheckConstraint(
                name="report_columns_known",
                condition=models.Q(columns__in=["classic", "full"]),
            ),
            models.CheckConstraint(
                name="report_poller_outages_known",
                condition=models.Q(poller_outages__in=["fill", "unknown"]),
            ),
            models.CheckConstraint(
                name="report_kind_known",
                condition=models.Q(kind__in=["uptime", "rollup", "outages", "targets"]),
            ),
            models.CheckConstraint(
                name="report_targets_of_kind",
                condition=models.Q(kind="targets", targets__isnull=False)
                | (~models.Q(kind="targets") & models.Q(targets__isnull=True)),
            ),
            models.CheckConstraint(
                name="report_kind_has_columns",
                condition=models.Q(kind="uptime") | models.Q(columns="classic"),
            ),
            models.CheckConstraint(
                name="report_max_gap_positive",
                condition=models.Q(max_gap__isnull=True) | models.Q(max_gap__gt=timedelta()),
            ),
            models.CheckConstraint(
                name="report_ended_has_end",
                condition=models.Q(
                    status__in=["Complete", "Failed", "Cancelled"], finished_at__isnull=False
                )
                | models.Q(status__in=["Queued", "Running"], finished_at__isnull=True),
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
                name="report_stamp_is_of_complete",
                condition=models.Q(stamp__isnull=True) | models.Q(status="Complete"),
            ),
            models.CheckConstraint(
                name="report_failed_has_error",
                condition=~models.Q(status="Failed") | ~models.Q(error=""),
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.id}"

    @property
    def message(self) -> str:
        """The id of its messages, and the beginning of those of its shards."""
        return str(self.pk)

    @property
    def log_names(self) -> dict[str, str]:
        return {"report_id": str(self.pk)}

    @property
    def progress(self) -> dict[str, int]:
        """The number of stores done, the total, and the share in whole percent."""
        share = self.stores_done * 100 // self.stores_total if self.stores_total else 0
        return {
            "stores_done": self.stores_done,
            "stores_total": self.stores_total,
            "percent": share,
        }


class IdempotencyKey(models.Model):
    """A request that its sender may repeat: the same key returns this report.

    It is deleted with its report.
    """

    requested_by = models.CharField(max_length=150)
    key = models.CharField(max_length=255)
    request = models.CharField("SHA-256 of the request", max_length=64)
    report = models.ForeignKey(Report, models.CASCADE, related_name="idempotency_keys")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="idempotency_key_once", fields=["requested_by", "key"]),
            models.CheckConstraint(name="idempotency_key_not_blank", condition=~models.Q(key="")),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.requested_by}"


class Shard(ReportJob):
    """The part of a large report that one task computes: the stores in a range of keys."""

    Status = Status

    report = models.ForeignKey(Report, models.CASCADE, related_name="shards")
    number = models.PositiveIntegerField()
    first_key = models.PositiveIntegerField()
    last_key = models.PositiveIntegerField()
    store_count = models.PositiveIntegerField(null=True)
    part = models.CharField(max_length=200, blank=True, help_text="Its file in media storage.")
    nobody_polled = models.JSONField(null=True, help_text="As of its report.")
    stamp = models.JSONField(null=True, help_text="As of its report.")

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

    @property
    def message(self) -> str:
        """The id of its report's messages: what a report and its shards do is one request's."""
        return str(self.report_id)

    @property
    def log_names(self) -> dict[str, str]:
        return {"report_id": str(self.report_id), "shard": str(self.number)}
