"""What a value in a JSON body must be, before the framework makes the best of it.

Django REST framework takes 0 for false and 5 for "5", which the schema of a body does not allow.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework import serializers

_TYPES: tuple[tuple[type[Any], type, str], ...] = (
    (serializers.BooleanField, bool, "Must be true or false."),
    (serializers.IntegerField, int, "Must be a whole number."),
    (serializers.CharField, str, "Must be a text."),
    (serializers.PrimaryKeyRelatedField, str, "Must be a text."),
    (serializers.ListField, list, "Must be a list."),
    (serializers.MultipleChoiceField, list, "Must be a list."),
)


def type_faults(fields: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return, for each field whose value is of another type than it must be, what is wrong."""
    found = {name: list(_faults(fields[name], value)) for name, value in data.items()}
    return {name: faults[:1] for name, faults in found.items() if faults}


def _faults(field: Any, value: Any) -> Iterator[str]:
    if value is None:  # The field knows whether it may be.
        return
    for kind, wanted, message in _TYPES:
        if isinstance(field, kind) and not _is(value, wanted):
            yield message
            return
    if isinstance(field, serializers.ListField):
        for one in value:
            yield from _faults(field.child, one)


def _is(value: Any, wanted: type) -> bool:
    # True is an int to Python, and 5.0 a whole number to JSON Schema.
    if wanted is int:
        return type(value) is int or (isinstance(value, float) and value.is_integer())
    return isinstance(value, wanted)
