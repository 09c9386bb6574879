"""Field types in requests about exclusions."""

import re
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.errors.problems import UNUSABLE
from fleet.exclusions.models import Scope

_SCOPE = {"type": "string", "pattern": r"^(fleet|(tag|store):[\s\S]+)$", "maxLength": 120}
_LOCAL = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"


@extend_schema_field(_SCOPE)
class ScopeField(serializers.CharField):
    """The fleet, a tag or a store, as one text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=120, trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        # Text, not its parts: the checks of length and of NUL follow.
        text = super().to_internal_value(data)
        kind, colon, name = text.partition(":")
        named = kind in {Scope.TAG, Scope.STORE} and name
        if not (named or (kind == Scope.FLEET and not colon)):
            raise serializers.ValidationError("Must be fleet, tag:NAME or store:ID.")
        return text


@extend_schema_field({"type": "string", "pattern": f"^{_LOCAL}$", "examples": ["2024-01-07T03:00"]})
class LocalTimeField(serializers.CharField):
    """A date and a time of day on a local clock, without an offset from UTC."""

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        text = super().to_internal_value(data)
        if not re.fullmatch(_LOCAL, text, re.ASCII):
            raise serializers.ValidationError(
                "Must be a local time without an offset, such as 2024-01-07T03:00."
            )
        try:
            at = datetime.fromisoformat(text)
        except ValueError as error:
            raise serializers.ValidationError("There is no such time.", code=UNUSABLE) from error
        if not 1970 <= at.year < 2200:
            raise serializers.ValidationError("Must lie between 1970 and 2199.", code=UNUSABLE)
        return at
