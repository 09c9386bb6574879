"""Strict types of values in JSON bodies, checked before the framework converts them.

Django REST framework accepts 0 for false and 5 for "5", which the schema of a body does not allow.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework import serializers

_TYPES: tuple[tuple[type[Any], type, str], ...] = (
    (serializers.BooleanField, bool, "Must be true or false."),
    (serializers.IntegerField, int, "Must be a whole number."),
    (serializers.DecimalField, float, "Must be a number."),
    (serializers.CharField, str, "Must be a string."),
    (serializers.PrimaryKeyRelatedField, str, "Must be a string."),
    (serializers.ListField, list, "Must be a list."),
    (serializers.MultipleChoiceField, list, "Must be a list."),
)


def type_faults(fields: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return, for each field whose value has the wrong type, what is wrong."""
    found = {name: list(_faults(fields[name], value)) for name, value in data.items()}
    return {name: faults[:1] for name, faults in found.items() if faults}


def _faults(field: Any, value: Any) -> Iterator[str]:
    if value is None:  # The field decides whether null is allowed.
        return
    for kind, wanted, message in _TYPES:
        if isinstance(field, kind) and not _is(value, wanted):
            yield message
            return
    if isinstance(field, serializers.ListField):
        for one in value:
            yield from _faults(field.child, one)


def _is(value: Any, wanted: type) -> bool:
    # True is an int in Python, and 5.0 is a whole number in JSON Schema.
    if wanted is int:
        return type(value) is int or (isinstance(value, float) and value.is_integer())
    if wanted is float:
        return type(value) in {int, float}
    return isinstance(value, wanted)
