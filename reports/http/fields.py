"""Fields of requests for reports."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.errors.problems import UNUSABLE
from reports.request.parameters import text_of_gap
from uptime import LENGTH_PATTERN, WINDOW_PATTERN, parse_length, parse_windows

# Error messages quote the text; one that is longer than this is not a typing error.
_LONGEST_TEXT = 40
LENGTH = {"type": "string", "pattern": f"^{LENGTH_PATTERN}$", "examples": ["3h"]}
WINDOW = {"type": "string", "pattern": f"^({WINDOW_PATTERN})$"}
_WINDOWS = {"type": "array", "items": WINDOW, "minItems": 1, "maxItems": 12}
WITH_COMMAS = {
    "type": "string",
    "pattern": f"^({WINDOW_PATTERN})(, ?({WINDOW_PATTERN})){{0,11}}$",
    "examples": ["1h,24h,7d"],
}


def code_of_fault(pattern: str, texts: Sequence[str]) -> str:
    """Return the code of a fault in texts that may all have the right form."""
    return UNUSABLE if all(re.fullmatch(pattern, text) for text in texts) else "invalid"


@extend_schema_field({"oneOf": [_WINDOWS, WITH_COMMAS]})
class WindowsField(serializers.Field[list[str], Any, list[str], Any]):
    """Windows as a list of strings, or as one string with commas."""

    default_error_messages = {
        "type": "Must be a list of strings, or one string with commas.",
        "long": f"A window has at most {_LONGEST_TEXT} characters.",
    }

    def to_internal_value(self, data: Any) -> list[str]:
        """Return the texts in canonical form."""
        texts = data.split(",") if isinstance(data, str) else data
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            self.fail("type")
        if any(len(text) > _LONGEST_TEXT for text in texts):
            self.fail("long")
        texts = [text.strip() for text in texts]
        try:
            return [window.text for window in parse_windows(texts)]
        except ValueError as error:
            code = code_of_fault(WINDOW_PATTERN, texts)
            raise serializers.ValidationError(str(error), code) from error

    def to_representation(self, windows: list[str]) -> list[str]:
        return windows


@extend_schema_field(LENGTH)
class LengthField(serializers.Field[timedelta, Any, str, Any]):
    """A length such as 90m, 3h or 2d."""

    default_error_messages = {"type": "Must be a string such as 90m, 3h or 2d."}

    def to_internal_value(self, data: Any) -> timedelta:
        if not isinstance(data, str) or len(data) > _LONGEST_TEXT:
            self.fail("type")
        try:
            return timedelta(microseconds=parse_length(data))
        except ValueError as error:
            code = code_of_fault(LENGTH_PATTERN, [data])
            raise serializers.ValidationError(str(error), code) from error

    def to_representation(self, max_gap: timedelta) -> str:
        """Return the text in canonical form."""
        return text_of_gap(max_gap)


class OneOrMoreField(serializers.Field[list[str], Any, Any, Any]):
    """Some of a few words, separated by commas."""

    default_error_messages = {"unknown": "{word!r} is not one of: {known}."}

    def __init__(self, words: list[str], **options: Any) -> None:
        super().__init__(**options)
        self.words = words

    def to_internal_value(self, data: Any) -> list[str]:
        said = [word for text in _listed(data) for word in text.split(",")]
        for word in said:
            if word not in self.words:
                self.fail("unknown", word=word, known=", ".join(self.words))
        return said


def _listed(data: Any) -> list[str]:
    return [data] if isinstance(data, str) else list(data)
