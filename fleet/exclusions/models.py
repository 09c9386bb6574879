"""The exclusion: for one store, a tag or the fleet; once, or again and again."""

from datetime import UTC, date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

from feeds import naming
from feeds.values import BadValue
from fleet.versions import Versioned, VersionedQuerySet
from uptime.recurrence.occurrences import LONGEST, SHORTEST, Recurrence, check_recurrence
from uptime.recurrence.rule import LONGEST_TEXT, parse_rule

# As the API takes them; other years have no instants of every time zone.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_FIRST_DATE, _LAST_DATE = EARLIEST.date(), date(2199, 12, 31)

_RECURRING = ("first_date", "start_time", "duration_us", "time_zone")
# Each NULL is excluded by name: a CHECK that comes to NULL passes.
_IS_ONCE = models.Q(
    rule="",
    starts_at__isnull=False,
    ends_at__isnull=False,
    ends_at__gt=models.F("starts_at"),
) & models.Q(**{f"{name}__isnull": True for name in _RECURRING})
_IS_RECURRING = (
    ~models.Q(rule="")
    & models.Q(starts_at__isnull=True, duration_us__range=(SHORTEST, LONGEST))
    & models.Q(**{f"{name}__isnull": False for name in _RECURRING})
)


def _null_or(name: str, **limits: date) -> models.Q:
    return models.Q(**{f"{name}__isnull": True}) | models.Q(
        **{f"{name}__{limit}": value for limit, value in limits.items()}
    )


_IN_YEARS = (
    _null_or("starts_at", gte=EARLIEST, lt=LATEST)
    & _null_or("ends_at", gte=EARLIEST, lt=LATEST)
    & _null_or("first_date", gte=_FIRST_DATE, lte=_LAST_DATE)
)


class Scope(models.TextChoices):
    """Which stores an exclusion is for."""

    FLEET = "fleet", "the whole fleet"
    TAG = "tag", "a tag"
    STORE = "store", "a store"


class Exclusion(Versioned):
    """Planned maintenance, or known trouble that is not the stores'.

    Either from ``starts_at`` to ``ends_at``; or by a ``rule``, on local days in ``time_zone`` from
    ``first_date`` on, at ``start_time`` for ``duration_us`` microseconds, until ``ends_at`` if
    given.
    """

    scope = models.CharField(max_length=5, choices=Scope)
    store = models.ForeignKey(
        "fleet.Store",
        models.CASCADE,
        null=True,
        blank=True,
        db_column="store_key",
        related_name="exclusions",
    )
    tag = models.ForeignKey(
        "fleet.Tag", models.CASCADE, null=True, blank=True, related_name="exclusions"
    )
    starts_at = models.DateTimeField("from", null=True, blank=True)
    ends_at = models.DateTimeField(
        "to", null=True, blank=True, help_text="With a rule: no occurrence reaches beyond it."
    )
    rule = models.CharField(
        max_length=LONGEST_TEXT,
        blank=True,
        default="",
        db_default="",
        help_text="RFC 5545, at most once a day: FREQ=WEEKLY;BYDAY=SU",
    )
    first_date = models.DateField(
        null=True, blank=True, help_text="In the time zone; nothing occurs before it."
    )
    start_time = models.TimeField(null=True, blank=True, help_text="In the time zone.")
    duration_us = models.BigIntegerField("duration", null=True, blank=True)
    time_zone = models.ForeignKey(
        "fleet.TimeZone",
        models.PROTECT,
        null=True,
        blank=True,
        db_column="time_zone",
        related_name="+",
    )
    reason = models.CharField(max_length=500)
    created_by = models.CharField(max_length=200, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="exclusion_one_scope",
                condition=models.Q(scope=Scope.FLEET, store__isnull=True, tag__isnull=True)
                | models.Q(scope=Scope.TAG, store__isnull=True, tag__isnull=False)
                | models.Q(scope=Scope.STORE, store__isnull=False, tag__isnull=True),
            ),
            models.CheckConstraint(
                name="exclusion_once_or_recurring", condition=_IS_ONCE | _IS_RECURRING
            ),
            models.CheckConstraint(
                name="exclusion_explained",
                condition=~models.Q(reason="") & ~models.Q(created_by=""),
            ),
            models.CheckConstraint(name="exclusion_years", condition=_IN_YEARS),
        ]

    def __str__(self) -> str:
        return f"exclusion {self.pk} of {self.scope_text}"

    @property
    def scope_text(self) -> str:
        """The scope as the API writes it: ``fleet``, ``tag:night`` or ``store:17``."""
        named = self.tag if self.scope == Scope.TAG else self.store
        return self.scope if named is None else f"{self.scope}:{named}"

    @property
    def recurrence(self) -> Recurrence | None:
        """The rule with all that belongs to it, None without one; raises ValueError."""
        if not self.rule or self.first_date is None or self.start_time is None:
            return None
        return Recurrence(
            rule=parse_rule(self.rule),
            first=self.first_date,
            time=self.start_time,
            duration=self.duration_us or 0,
            zone=str(self.time_zone_id),
        )

    def clean(self) -> None:
        """Raise ValidationError, by field, for what the database would refuse or never occurs."""
        faults = {
            **self._scope_faults(),
            **(self._recurring() if self.rule else self._once()),
            **self._out_of_years(),
        }
        try:
            self.reason = naming.printable(self.reason)
        except BadValue as error:
            faults["reason"] = f"It {error}."
        if faults:
            raise ValidationError(faults)
        try:
            if (recurrence := self.recurrence) is not None:
                self.rule = recurrence.rule.text
                check_recurrence(recurrence)
        except ValueError as error:
            raise ValidationError({"rule": f"It {error}."}) from error

    def _scope_faults(self) -> dict[str, str]:
        there = {Scope.STORE: self.store_id, Scope.TAG: self.tag_id}
        wrong = {name for name, key in there.items() if (key is None) == (self.scope == name)}
        return {
            str(name): "This field is required." if there[name] is None else "Not for this scope."
            for name in wrong
        }

    def _out_of_years(self) -> dict[str, str]:
        given = {
            "starts_at": self.starts_at and EARLIEST <= self.starts_at < LATEST,
            "ends_at": self.ends_at and EARLIEST <= self.ends_at < LATEST,
            "first_date": self.first_date and _FIRST_DATE <= self.first_date <= _LAST_DATE,
        }
        return {
            name: f"Must lie between {EARLIEST.year} and {_LAST_DATE.year}."
            for name, is_in in given.items()
            if is_in is False
        }

    def _once(self) -> dict[str, str]:
        faults = dict.fromkeys(
            (name for name in _RECURRING if getattr(self, name) is not None), "Only with a rule."
        )
        for name in ("starts_at", "ends_at"):
            if getattr(self, name) is None:
                faults[name] = "This field is required without a rule."
        if not faults and not self._in_order():
            faults["ends_at"] = "Must be after the start."
        return faults

    def _in_order(self) -> bool:
        start: datetime | None = self.starts_at
        return start is not None and self.ends_at is not None and start < self.ends_at

    def _recurring(self) -> dict[str, str]:
        faults = dict.fromkeys(
            (name for name in _RECURRING if getattr(self, name) is None),
            "This field is required with a rule.",
        )
        if self.starts_at is not None:
            faults["starts_at"] = "Not with a rule, which has a first date."
        lasting = self.duration_us
        if lasting is not None and not SHORTEST <= lasting <= LONGEST:
            faults["duration_us"] = f"Must be from a minute to {_days(LONGEST)} days."
        return faults


def _days(microseconds: int) -> int:
    return timedelta(microseconds=microseconds).days
