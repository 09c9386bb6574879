"""A target: the uptime that a store, the stores of a tag, or the fleet should have."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Left
from django.db.models.lookups import Exact

from fleet.versions import Versioned, VersionedQuerySet
from uptime.targets.target import FLEET, STORE, TAG

LONGEST_SCOPE = 200


def validate_one_line(text: str) -> None:
    """Raise ValidationError for a text with line ends or other control characters."""
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", text):
        raise ValidationError("Must be one line without control characters.")


class Target(Versioned):
    """A target.

    ``scope`` is text and no foreign key. A store or tag that a feed removes and brings back keeps
    its targets, and one that is gone has none to judge.
    """

    name = models.CharField(max_length=100, unique=True, validators=[validate_one_line])
    scope = models.CharField(
        max_length=LONGEST_SCOPE,
        default=FLEET,
        help_text="fleet, tag:NAME or store:ID.",
    )
    percentage = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        help_text="The least share of open time that is up, 0.01 to 100.",
    )
    windows = models.JSONField(
        help_text="Lengths such as 7d, or today, this-week, this-month, yesterday, last-week,"
        " last-month."
    )
    created_at = models.DateTimeField(editable=False)
    created_by = models.CharField(max_length=150, blank=True, editable=False)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="target_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="target_scope_known",
                condition=Q(scope=FLEET)
                | (Q(Exact(Left("scope", len(TAG)), Value(TAG))) & ~Q(scope=TAG))
                | (Q(Exact(Left("scope", len(STORE)), Value(STORE))) & ~Q(scope=STORE)),
                violation_error_message="Must be fleet, tag:NAME or store:ID.",
            ),
            models.CheckConstraint(
                name="target_percentage",
                condition=Q(percentage__gte=Decimal("0.01"), percentage__lte=Decimal(100)),
                violation_error_message="Must be from 0.01 to 100.",
            ),
            models.CheckConstraint(name="target_has_windows", condition=~Q(windows=[])),
        ]

    def __str__(self) -> str:
        return self.name
