"""What the columns of a report hold, by one rule over their names."""

from enum import Enum

_TEXT = {"last_status"}


class Kind(Enum):
    """What a column holds. All but the store's id may be missing."""

    ID = "id"
    TEXT = "text"
    INSTANT = "instant"
    NUMBER = "number"


def kind_of(column: str) -> Kind:
    """Return what a column of this name holds: numbers, unless the name says otherwise."""
    if column == "store_id":
        return Kind.ID
    if column in _TEXT:
        return Kind.TEXT
    return Kind.INSTANT if column.endswith("_at") else Kind.NUMBER
