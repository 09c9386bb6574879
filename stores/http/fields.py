"""Field types in requests about stores."""

from datetime import time
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from feeds import naming, values
from feeds.zones import known_time_zones
from reports.http.fields import WINDOW, WITH_COMMAS, code_of_fault
from uptime import WINDOW_PATTERN, WindowSpec, parse_windows
from uptime.windows.texts import parse_window

NO_TIME_ZONE = "none"


@extend_schema_field(WITH_COMMAS)
class WindowsField(serializers.CharField):
    """Windows of a report, separated by commas."""

    def to_internal_value(self, data: Any) -> tuple[WindowSpec, ...]:  # type: ignore[override]
        texts = [text.strip() for text in super().to_internal_value(data).split(",")]
        try:
            return parse_windows(texts)
        except ValueError as error:
            code = code_of_fault(WINDOW_PATTERN, texts)
            raise serializers.ValidationError(str(error), code) from error


@extend_schema_field(WINDOW)
class WindowField(serializers.CharField):
    """One window of a report."""

    def to_internal_value(self, data: Any) -> WindowSpec:  # type: ignore[override]
        text = super().to_internal_value(data).strip()
        try:
            return parse_window(text)
        except ValueError as error:
            code = code_of_fault(WINDOW_PATTERN, [text])
            raise serializers.ValidationError(str(error), code) from error


class TimeZoneField(serializers.CharField):
    """An IANA time zone name, as in the feed."""

    def to_internal_value(self, data: Any) -> str:
        """Return the name as stored in the database."""
        number: int = _checked(values.time_zone, super().to_internal_value(data))
        return known_time_zones()[number]


class ZoneFilterField(TimeZoneField):
    """The name of a time zone, or ``none``."""

    def to_internal_value(self, data: Any) -> str | None:  # type: ignore[override]
        """Return the name, None for stores without one."""
        return None if data == NO_TIME_ZONE else super().to_internal_value(data)


@extend_schema_field({"type": "string", "maxLength": naming.LONGEST_NAME})
class NameField(serializers.CharField):
    """A store's name, as in the feed."""

    def to_internal_value(self, data: Any) -> str:
        return str(_checked(naming.store_name, super().to_internal_value(data)))


_TAG = {"type": "string", "pattern": r"^[^;]*[^;\s][^;]*$", "maxLength": naming.LONGEST_TAG}


@extend_schema_field(_TAG)
class TagField(serializers.CharField):
    """One tag, as in the feed."""

    def to_internal_value(self, data: Any) -> str:
        return str(_checked(naming.tag, super().to_internal_value(data)))


# Not the format "time", which would have an offset from UTC.
_WALL_TIME = r"([01]?[0-9]|2[0-4]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
WALL_TIME = {"type": "string", "pattern": f"^{_WALL_TIME}$"}


@extend_schema_field(WALL_TIME)
class WallTimeField(serializers.CharField):
    """A time of day, as in the feed: 09:30 or 09:30:00; a closing at 24:00 is midnight."""

    def __init__(self, *, closing: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._check = values.closing_time if closing else values.opening_time

    def to_internal_value(self, data: Any) -> time:  # type: ignore[override]
        at = _checked(self._check, super().to_internal_value(data), _WALL_TIME)
        seconds, microsecond = divmod(at, values.SECOND)
        return time(seconds // 3600, seconds // 60 % 60, seconds % 60, microsecond)

    def to_representation(self, value: time) -> str:  # type: ignore[override]
        """Return the time in ISO 8601."""
        return value.isoformat()


def _checked(check: Any, text: str, pattern: str = "(?s:.*)") -> Any:
    """Return the result of a feed's check of a text that matches the schema's pattern."""
    try:
        return check(text)
    except values.BadValue as error:
        code = code_of_fault(pattern, [text])
        raise serializers.ValidationError(f"{text[:50]!r} {error}.", code) from error
