"""The source data: stores, their time zones, business hours, names and tags, and polls.

A store is known to the world by ``store_id``, text of any form. The tables join on
``store_key``, a four-byte number of ours: a poll is then 14 bytes of data, not 50.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models

from fleet.polls import partitions
from fleet.versions import DataVersion, Versioned, VersionedQuerySet

__all__ = [
    "BusinessHours",
    "DataVersion",
    "Poll",
    "PollRecord",
    "PollStatus",
    "Store",
    "StoreTag",
    "Tag",
    "TimeZone",
]


class TimeZone(models.Model):
    """A name of the IANA time zone database; filled from the pinned tzdata by each migrate."""

    name = models.CharField(primary_key=True, max_length=64)

    class Meta:
        db_table = "ingestion_timezone"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PollStatus(models.IntegerChoices):
    """What a poll saw. Two bytes in the database; feeds and the API say the label."""

    INACTIVE = 0, "inactive"
    ACTIVE = 1, "active"


class Tag(Versioned):
    """A word by which people group stores; ``Store.objects.filter(tags__name=...)``."""

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
    """A store, known from any of the four feeds."""

    key = models.AutoField(primary_key=True, db_column="store_key")
    store_id = models.CharField(max_length=100, unique=True)
    name = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="What people call it."
    )
    tags = models.ManyToManyField(Tag, through="StoreTag", blank=True, related_name="stores")
    time_zone = models.ForeignKey(
        TimeZone,
        models.PROTECT,
        null=True,
        blank=True,
        db_column="time_zone",
        help_text="Without one, the store is taken to be in America/Chicago.",
    )
    # Kept by ingestion, in the transaction that brings the polls, so that lists need no scan. Each
    # delivery writes those of all stores, so no index may name them: PostgreSQL then writes a row
    # beside the old one, in room that the table leaves for it, and uses that room again.
    last_polled_at = models.DateTimeField(null=True, editable=False)
    last_status = models.SmallIntegerField(choices=PollStatus, null=True, editable=False)
    is_sample = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="It goes when real data come."
    )

    objects = VersionedQuerySet.as_manager()

    class Meta:
        db_table = "ingestion_store"
        base_manager_name = "objects"
        ordering = ["store_id"]
        indexes = [
            # Every ingestion asks whether there is a sample; without one this index is empty.
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
    """That a store has a tag."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="+")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")

    objects = VersionedQuerySet.as_manager()

    class Meta:
        db_table = "ingestion_store_tags"
        # What Django called the table's constraint before the table had a model.
        unique_together = [("store", "tag")]
        base_manager_name = "objects"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.store}: {self.tag}"


class BusinessHours(Versioned):
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
    """Polls, for which there may be no partition yet."""

    def bulk_create(self, objs: Iterable["Poll"], *args: Any, **kwargs: Any) -> list["Poll"]:
        """Insert polls, after making the partitions that they go into."""
        polls = list(objs)
        partitions.make_room_for((poll.polled_at, poll.store_id) for poll in polls)
        return super().bulk_create(polls, *args, **kwargs)


class Poll(Versioned):
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
