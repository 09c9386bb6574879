"""Fields and serializers that all apps use."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse
from rest_framework.settings import api_settings

from api.errors.problems import UNUSABLE
from api.json_types import type_faults

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown fields instead of ignoring them."""

    noun = "field"
    is_json = True

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated fields; ValidationError names unknown ones."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            known = ", ".join(self.fields) or "none"
            message = f"Unknown {self.noun} {', '.join(map(repr, unknown))}; known: {known}."
            raise serializers.ValidationError({api_settings.NON_FIELD_ERRORS_KEY: [message]})
        faults = self._type_faults(data)
        if faults:
            raise serializers.ValidationError(faults)
        return super().to_internal_value(data)

    def _type_faults(self, data: Any) -> dict[str, list[str]]:
        known = self.is_json and isinstance(data, Mapping)
        return type_faults(self.fields, data) if known else {}


class QuerySerializer(StrictSerializer):
    """The query parameters of a request."""

    noun = "parameter"
    is_json = False  # Every value is text.


# The base64 alphabet.
CURSOR = {"type": "string", "pattern": "^[A-Za-z0-9+/_-]+=*$"}


@extend_schema_field(CURSOR)
class CursorField(serializers.CharField):
    """The start of a page, taken from ``next`` or ``previous``."""


class PageQuery(QuerySerializer):
    """The parameters of every list."""

    cursor = CursorField(required=False, help_text="Where the page begins; see `next`.")


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.Field[datetime, str, str, Any]):
    """An instant in RFC 3339; without an offset it is ambiguous and refused."""

    default_error_messages = {
        "format": "Must be an instant in RFC 3339, such as 2023-01-25T18:13:22Z.",
        "naive": "Needs an offset from UTC: 2023-01-25T18:13:22Z or 2023-01-25T12:13:22-06:00.",
        "range": "Must lie between 1970 and 2199.",
    }

    def to_internal_value(self, data: Any) -> datetime:
        instant = _parsed(data)
        if instant is None:
            self.fail("format")
        if instant.tzinfo is None:
            self.fail("naive")
        if not EARLIEST <= instant < LATEST:
            raise serializers.ValidationError(self.error_messages["range"], code=UNUSABLE)
        return instant.astimezone(UTC)


def _parsed(data: Any) -> datetime | None:
    try:
        return parse_datetime(data) if isinstance(data, str) else None
    except ValueError:  # A date like 30 February is well formed but does not exist.
        return None


def address_of(serializer: serializers.BaseSerializer[Any], name: str, **kwargs: Any) -> str:
    """Return the absolute URL of a view."""
    return str(reverse(name, kwargs=kwargs, request=serializer.context["request"]))


class FaultSerializer(serializers.Serializer[Any]):
    """One fault of a request."""

    field = serializers.CharField(help_text="Empty for the request as a whole.", allow_blank=True)
    detail = serializers.CharField()


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error: problem details (RFC 9457)."""

    type = serializers.CharField(help_text="The URL of an explanation of this kind of problem.")
    title = serializers.CharField(help_text="The kind of problem in a few words.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="A sentence for people; may change.")
    code = serializers.CharField(help_text="For programs; does not change.")
    errors = serializers.ListField(  # type: ignore[assignment] # the standard's name
        child=FaultSerializer(), required=False, help_text="Each fault of the request."
    )
    message = serializers.CharField(
        required=False, help_text="Repeats the detail, in answers of the three unversioned calls."
    )
