"""The source data: stores, their time zones, business hours, names and tags, and polls.

The public id of a store is ``store_id``, any text. The tables join on ``store_key``, a four-byte
number of ours, so a poll is 14 bytes of data instead of 50.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models

from fleet.exclusions.models import Exclusion
from fleet.polls import partitions
from fleet.special_days.models import SpecialDay
from fleet.versions import DataVersion, Versioned, VersionedQuerySet

__all__ = [
    "BusinessHours",
    "DataVersion",
    "Exclusion",
    "Poll",
    "PollRecord",
    "PollStatus",
    "SpecialDay",
    "Store",
    "StoreTag",
    "Tag",
    "TimeZone",
]


class TimeZone(models.Model):
    """An IANA time zone name; each migrate fills the table from the pinned tzdata."""

    name = models.CharField(primary_key=True, max_length=64)

    class Meta:
        db_table = "ingestion_timezone"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PollStatus(models.IntegerChoices):
    """The result of a poll. Two bytes in the database; feeds and the API use the label."""

    INACTIVE = 0, "inactive"
    ACTIVE = 1, "active"


class Tag(Versioned):
    """A word that groups stores; ``Store.objects.filter(tags__name=...)``."""

    name = models.CharField(max_length=50, unique=True)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        db_table = "ingestion_tag"
        base_manager_name = "objects"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="tag_not_blank", condition=~models.Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class Store(Versioned):
    """A store, known from any of the feeds."""

    key = models.AutoField(primary_key=True, db_column="store_key")
    store_id = models.CharField(max_length=100, unique=True)
    name = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="A name for people."
    )
    tags = models.ManyToManyField(Tag, through="StoreTag", blank=True, related_name="stores")
    time_zone = models.ForeignKey(
        TimeZone,
        models.PROTECT,
        null=True,
        blank=True,
        db_column="time_zone",
        help_text="Without one, America/Chicago is used.",
    )
    # Maintained by ingestion, in the transaction that stores the polls, so that lists need no scan.
    # Each file updates them for all its stores, so no index may include them: PostgreSQL then
    # updates rows in place, in free space that the table reserves.
    last_polled_at = models.DateTimeField(null=True, editable=False)
    last_status = models.SmallIntegerField(choices=PollStatus, null=True, editable=False)
    is_sample = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="Removed when real data arrive."
    )

    objects = VersionedQuerySet.as_manager()

    class Meta:
        db_table = "ingestion_store"
        base_manager_name = "objects"
        ordering = ["store_id"]
        indexes = [
            # Every ingestion checks whether there is a sample; without one this index is empty.
            models.Index(fields=["key"], name="store_sample", condition=models.Q(is_sample=True)),
        ]
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


class StoreTag(Versioned):
    """The relation of a store and a tag."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="+")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")

    objects = VersionedQuerySet.as_manager()

    class Meta:
        db_table = "ingestion_store_tags"
        # The name that Django gave the table's constraint before the table had a model.
        unique_together = [("store", "tag")]
        base_manager_name = "objects"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.store}: {self.tag}"


class BusinessHours(Versioned):
    """One opening on one weekday, in the store's own time zone, as in the feed."""

    class Weekday(models.IntegerChoices):
        """Weekdays as numbered in the feeds."""

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

    objects = VersionedQuerySet.as_manager()

    class Meta:
        db_table = "ingestion_businesshours"
        base_manager_name = "objects"
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


class PollQuerySet(VersionedQuerySet["Poll"]):
    """Polls, whose partition may not exist yet."""

    def bulk_create(self, objs: Iterable["Poll"], *args: Any, **kwargs: Any) -> list["Poll"]:
        """Insert polls, after creating their partitions."""
        polls = list(objs)
        partitions.make_room_for((poll.polled_at, poll.store_id) for poll in polls)
        return super().bulk_create(polls, *args, **kwargs)


class Poll(Versioned):
    """The result of one poll of one store at one instant.

    The key is ordered by time because polls arrive and are read in that order: an hourly file
    appends to one end of the index, a report reads one range, and lists run backwards from its end.
    There is no foreign key in the database: checking it row by row made a load five times slower,
    and keys come from the store table in the transaction that writes them.
    """

    pk = models.CompositePrimaryKey("polled_at", "store_id")
    polled_at = models.DateTimeField()
    store = models.ForeignKey(
        Store, models.CASCADE, db_column="store_key", db_constraint=False, db_index=False
    )
    status = models.SmallIntegerField(choices=PollStatus)

    objects = PollQuerySet.as_manager()

    class Meta:
        db_table = "ingestion_poll"
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                name="poll_status_known", condition=models.Q(status__in=PollStatus.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.polled_at:%Y-%m-%d %H:%M:%S.%f} UTC {self.get_status_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the poll, after creating its partition."""
        partitions.make_room_for([(self.polled_at, self.store_id)])
        super().save(*args, **kwargs)


class PollRecord(models.Model):
    """The same rows as ``Poll``, for reading lists of them.

    Django's admin cannot register a model with a composite key. The key here is half of the real
    one: good for ordered lists, but never for finding, saving or deleting a row.
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
