"""The source data and the record of how it came in.

A store is known to the world by ``store_id``, text of any form. The tables join on
``store_key``, a four-byte number of ours: a poll is then 14 bytes of data, not 50.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.functions import Now

from ingestion import partitions


class TimeZone(models.Model):
    """A name of the IANA time zone database; filled from the pinned tzdata by each migrate."""

    name = models.CharField(primary_key=True, max_length=64)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PollStatus(models.IntegerChoices):
    """What a poll saw. Two bytes in the database; feeds and the API say the label."""

    INACTIVE = 0, "inactive"
    ACTIVE = 1, "active"


class Store(models.Model):
    """A store, known from any of the three feeds."""

    key = models.AutoField(primary_key=True, db_column="store_key")
    store_id = models.CharField(max_length=100, unique=True)
    time_zone = models.ForeignKey(
        TimeZone,
        models.PROTECT,
        null=True,
        blank=True,
        db_column="time_zone",
        help_text="Without one, the store is taken to be in America/Chicago.",
    )
    # Kept by ingestion, in the transaction that brings the polls, so that lists need no scan.
    last_polled_at = models.DateTimeField(null=True, editable=False, db_index=True)
    last_status = models.SmallIntegerField(choices=PollStatus, null=True, editable=False)

    class Meta:
        ordering = ["store_id"]
        constraints = [
            models.CheckConstraint(name="store_id_not_blank", condition=~models.Q(store_id="")),
            models.CheckConstraint(
                name="store_last_status_known",
                condition=models.Q(last_status__isnull=True, last_polled_at__isnull=True)
                | models.Q(last_status__in=PollStatus.values, last_polled_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.store_id


class BusinessHours(models.Model):
    """One opening of one weekday, in the store's own time zone, as the feed wrote it."""

    class Weekday(models.IntegerChoices):
        """Days as the feeds count them."""

        MONDAY = 0
        TUESDAY = 1
        WEDNESDAY = 2
        THURSDAY = 3
        FRIDAY = 4
        SATURDAY = 5
        SUNDAY = 6

    store = models.ForeignKey(
        Store, models.CASCADE, db_column="store_key", related_name="business_hours", db_index=False
    )
    weekday = models.SmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField(
        help_text="At or before the opening time means on the next day; 23:59 means midnight."
    )

    class Meta:
        ordering = ["store", "weekday", "opens", "closes"]
        verbose_name_plural = "business hours"
        constraints = [
            models.UniqueConstraint(
                name="business_hours_once", fields=["store", "weekday", "opens", "closes"]
            ),
            models.CheckConstraint(
                name="business_hours_weekday", condition=models.Q(weekday__range=(0, 6))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens}-{self.closes}"


class PollQuerySet(models.QuerySet["Poll"]):
    """Polls, for which there may be no partition yet."""

    def bulk_create(self, objs: Iterable["Poll"], *args: Any, **kwargs: Any) -> list["Poll"]:
        """Insert polls, after making the partitions that they go into."""
        polls = list(objs)
        partitions.make_room_for((poll.polled_at, poll.store_id) for poll in polls)
        return super().bulk_create(polls, *args, **kwargs)


class Poll(models.Model):
    """What one poll of one store saw at one instant.

    The key is ordered by time because polls arrive in that order and are read by it: an hourly
    file appends to one end of the index, a report reads one stretch, and lists run backwards from
    its end. There is no foreign key in the database: checking it row by row made a load five times
    slower, and keys come from the store table in the transaction that writes them.
    """

    pk = models.CompositePrimaryKey("polled_at", "store_id")
    polled_at = models.DateTimeField()
    store = models.ForeignKey(
        Store, models.CASCADE, db_column="store_key", db_constraint=False, db_index=False
    )
    status = models.SmallIntegerField(choices=PollStatus)

    objects = PollQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="poll_status_known", condition=models.Q(status__in=PollStatus.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.polled_at:%Y-%m-%d %H:%M:%S.%f} UTC {self.get_status_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the poll, after making the partition that it goes into."""
        partitions.make_room_for([(self.polled_at, self.store_id)])
        super().save(*args, **kwargs)


class PollRecord(models.Model):
    """The same rows as ``Poll``, for reading lists of them.

    Django's admin registers no model with a composite key. Here the key is half of the real
    one: good for lists in its order, and never to be used for finding, saving or deleting a row.
    """

    polled_at = models.DateTimeField(primary_key=True)
    store = models.ForeignKey(
        Store,
        models.DO_NOTHING,
        db_column="store_key",
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    status = models.SmallIntegerField(choices=PollStatus)

    class Meta:
        managed = False
        db_table = "ingestion_poll"
        ordering = ["-polled_at", "-store_id"]
        verbose_name = "poll"
        default_permissions = ["view"]

    def __str__(self) -> str:
        return f"{self.polled_at:%Y-%m-%d %H:%M:%S.%f} UTC {self.get_status_display()}"


class Feed(models.TextChoices):
    """The three feeds, by the names of their options on the command line."""

    STATUS = "status", "store status"
    HOURS = "hours", "business hours"
    TIMEZONES = "timezones", "time zones"


class Ingestion(models.Model):
    """One file that was ingested, or could not be, or waits for a worker.

    A file that waits is kept in ``upload`` until a worker has finished with it.
    ``rows_read = rows_new + rows_changed + rows_repeated + rows_superseded + rows_rejected``.
    """

    class Status(models.TextChoices):
        """Where an ingestion stands. Data is written by one transaction: all of it or none."""

        QUEUED = "Queued"
        RUNNING = "Running"
        COMPLETE = "Complete"
        FAILED = "Failed"

    class Phase(models.TextChoices):
        """What a running ingestion does: ``done`` and ``total`` count bytes, then rows."""

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
        default=0, help_text="Overruled by a later row of the same file."
    )
    rows_removed = models.BigIntegerField(
        default=0, help_text="Earlier business hours that the file's stores no longer have."
    )
    rows_rejected = models.BigIntegerField(default=0)
    rejects = models.FileField(upload_to="rejects/", blank=True)
    error = models.TextField(blank=True)
    requested_by = models.CharField(
        max_length=150, help_text="A user, or the way the file came in."
    )
    upload = models.FileField(upload_to="uploads/", blank=True)
    enqueued_at = models.DateTimeField(
        null=True, help_text="When workers were last told of it; only where one was needed."
    )
    attempts = models.PositiveSmallIntegerField(default=1)
    phase = models.CharField(max_length=16, choices=Phase, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    started_at = models.DateTimeField(db_default=Now(), null=True)
    finished_at = models.DateTimeField(null=True)
    lease_expires_at = models.DateTimeField(
        null=True, help_text="A running ingestion silent beyond this is taken to have been killed."
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="ingestion_status_known",
                condition=models.Q(status__in=["Queued", "Running", "Complete", "Failed"]),
            ),
            models.CheckConstraint(
                name="ingestion_feed_known",
                condition=models.Q(feed__in=["", "status", "hours", "timezones"]),
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
    def progress(self) -> dict[str, Any]:
        """Return phase, done, total (None where unknown) and whole percent of the phase.

        In the phase "waiting" and while reading, bytes are counted; later on, rows.
        """
        if self.status == self.Status.COMPLETE:
            return _progress("stored", self.rows_read, self.rows_read)
        if self.status == self.Status.QUEUED:
            return _progress("waiting", 0, self.size)
        return _progress(self.phase or self.Phase.READING.value, self.done, self.total)


def _progress(phase: str, done: int, total: int | None) -> dict[str, Any]:
    percent = None if total is None else min(100 * done // max(total, 1), 100)
    return {"phase": phase, "done": done, "total": total, "percent": percent}
