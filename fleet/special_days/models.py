"""One row for each opening of a special day, or one for a day that is closed."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from feeds.naming import LONGEST_REASON
from fleet.versions import Versioned, VersionedQuerySet

FIRST_DATE = date(2000, 1, 1)
LAST_DATE = date(2100, 12, 31)

_CLOSED = Q(opens__isnull=True, closes__isnull=True)
# The names of the constraints, and the column that says whose the rows are.
_SCOPES = {
    "store": (Q(store__isnull=False), ["store"]),
    "tag": (Q(tag__isnull=False), ["tag"]),
    "fleet": (Q(store__isnull=True, tag__isnull=True), []),
}


class SpecialDay(Versioned):
    """One opening on one local date, or the date closed; a row without times is closed.

    Its scope is the store, the tag, or, without either, the whole fleet. A store's own rows of a
    date replace those of its tags, and these replace the fleet's.
    """

    store = models.ForeignKey(
        "fleet.Store",
        models.CASCADE,
        null=True,
        blank=True,
        db_column="store_key",
        related_name="special_days",
        db_index=False,
    )
    tag = models.ForeignKey(
        "fleet.Tag",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="special_days",
        db_index=False,
    )
    date = models.DateField()
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(
        null=True,
        blank=True,
        help_text="At or before the opening time means on the next day; 23:59 means midnight.",
    )
    reason = models.CharField(max_length=LONGEST_REASON, blank=True, default="", db_default="")
    made_by = models.CharField(
        max_length=150, editable=False, help_text="A user, a token, or the sender of a file."
    )
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        ordering = ["date", "id"]
        constraints = [
            models.CheckConstraint(
                name="special_day_one_scope",
                condition=Q(store__isnull=True) | Q(tag__isnull=True),
            ),
            models.CheckConstraint(
                name="special_day_both_times",
                condition=_CLOSED | Q(opens__isnull=False, closes__isnull=False),
                violation_error_message="Give both times, or neither for a closed day.",
            ),
            models.CheckConstraint(
                name="special_day_date",
                condition=Q(date__range=(FIRST_DATE, LAST_DATE)),
                violation_error_message="The date must lie in the years 2000 to 2100.",
            ),
            # NULL equals no other, so days that are closed have constraints of their own.
            *(
                models.UniqueConstraint(
                    name=f"special_day_{scope}_hours_once",
                    fields=[*columns, "date", "opens", "closes"],
                    condition=which & Q(opens__isnull=False),
                )
                for scope, (which, columns) in _SCOPES.items()
            ),
            *(
                models.UniqueConstraint(
                    name=f"special_day_{scope}_closed_once",
                    fields=[*columns, "date"],
                    condition=which & Q(opens__isnull=True),
                )
                for scope, (which, columns) in _SCOPES.items()
            ),
        ]

    def __str__(self) -> str:
        hours = "closed" if self.opens is None else f"{self.opens}-{self.closes}"
        return f"{self.date} {hours}"
