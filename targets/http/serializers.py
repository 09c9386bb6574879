"""Targets in requests and answers."""

import re
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.errors.problems import UNUSABLE
from api.serializers import StrictSerializer
from targets.models import LONGEST_SCOPE, Target
from targets.services import check_target
from uptime import LENGTH_PATTERN
from uptime.targets.target import parse_target_windows
from uptime.windows.calendar import RELATIVE_TEXTS
from uptime.windows.texts import MOST_WINDOWS

_WINDOW_PATTERN = "|".join([LENGTH_PATTERN, *RELATIVE_TEXTS])
_LONGEST_TEXT = 40
_WINDOWS = {
    "type": "array",
    "items": {"type": "string", "pattern": f"^({_WINDOW_PATTERN})$"},
    "minItems": 1,
    "maxItems": MOST_WINDOWS,
}
_LEAST, _MOST = Decimal("0.01"), Decimal(100)
_PERCENTAGE = {"type": "number", "minimum": 0.01, "maximum": 100, "examples": [99.5]}


@extend_schema_field(_WINDOWS)
class TargetWindowsField(serializers.Field[list[str], Any, list[str], Any]):
    """Windows of a target as a list of strings."""

    default_error_messages = {
        "type": "Must be a list of strings.",
        "long": f"A window has at most {_LONGEST_TEXT} characters.",
    }

    def to_internal_value(self, data: Any) -> list[str]:
        """Return the texts in canonical form."""
        if not isinstance(data, list) or not all(isinstance(text, str) for text in data):
            self.fail("type")
        if any(len(text) > _LONGEST_TEXT for text in data):
            self.fail("long")
        try:
            return [window.text for window in parse_target_windows(data)]
        except ValueError as error:
            well_formed = data and all(re.fullmatch(_WINDOW_PATTERN, text) for text in data)
            code = UNUSABLE if well_formed else "invalid"
            raise serializers.ValidationError(str(error), code) from error

    def to_representation(self, windows: list[str]) -> list[str]:
        return windows


@extend_schema_field(_PERCENTAGE)
class PercentageField(serializers.DecimalField):
    """A percentage with at most two decimals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_digits=5,
            decimal_places=2,
            min_value=_LEAST,
            max_value=_MOST,
            coerce_to_string=False,
            **options,
        )

    def to_internal_value(self, data: Any) -> Decimal:
        """Return it; a number with too many decimals is well formed but cannot be used."""
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as error:
            if type(data) in {int, float} and _LEAST <= data <= _MOST:
                said = "Must have at most two decimals."
                raise serializers.ValidationError(said, code=UNUSABLE) from error
            raise


class TargetInput(StrictSerializer):
    """The editable fields of a target."""

    name = serializers.CharField(max_length=100)
    scope = serializers.CharField(
        max_length=LONGEST_SCOPE, help_text="`fleet`, `tag:NAME` or `store:ID`."
    )
    percentage = PercentageField(help_text="The least share of open time that is up.")
    windows = TargetWindowsField(
        help_text="As in a report, without a given day, week or month, which would soon be past."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check the changed values together with those that stay."""
        target: Target | None = self.instance
        names = list(self.fields)
        known = {name: getattr(target, name) for name in names} if target else {}
        try:
            return check_target({**known, **attrs}, pk=target.pk if target else None)
        except ModelError as error:
            raise serializers.ValidationError(error.message_dict, code=UNUSABLE) from error


class TargetSerializer(serializers.ModelSerializer[Target]):
    """A target as a resource."""

    percentage = PercentageField()
    windows = TargetWindowsField()

    class Meta:
        model = Target
        fields = ["id", "name", "scope", "percentage", "windows", "created_at", "created_by"]
        read_only_fields = fields
