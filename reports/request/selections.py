"""The stores of a report: all of them, or those that meet every given condition."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from fleet.models import Store, Tag, TimeZone
from fleet.selection import selected_stores
from reports.request.unusable import UnusableParameter

MOST_IDS = 10_000
_NAMED = 5


def canonical_selection(stores: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the conditions as rows store them: ids once and sorted; None for no condition.

    Raises UnusableParameter for conditions that cannot be used.
    """
    given = {name: value for name, value in (stores or {}).items() if value is not None}
    unknown = sorted(set(given) - {"ids", "time_zone", "tag"})
    if unknown:
        raise UnusableParameter("stores", f"Unknown: {', '.join(unknown)}.")
    if "ids" in given:
        given["ids"] = _checked_ids(given["ids"])
    return given or None


def check_known(stores: Mapping[str, Any] | None) -> None:
    """Raise UnusableParameter, naming the first few, if an id, zone or tag does not exist."""
    given = stores or {}
    if "time_zone" in given and not TimeZone.objects.filter(name=given["time_zone"]).exists():
        raise UnusableParameter("stores", f"There is no time zone {given['time_zone']!r}.")
    if "tag" in given and not Tag.objects.filter(name=given["tag"]).exists():
        raise UnusableParameter("stores", f"There is no tag {given['tag']!r}.")
    if "ids" in given:
        known = selected_stores(ids=given["ids"]).values_list("store_id", flat=True)
        _refuse_unknown(sorted(set(given["ids"]).difference(known)))


def stores_of(selection: Mapping[str, Any] | None) -> QuerySet[Store]:
    """Return the current stores of a canonical selection, unordered."""
    return selected_stores(**(selection or {}))


def _checked_ids(ids: Sequence[str]) -> list[str]:
    if not 1 <= len(ids) <= MOST_IDS:
        raise UnusableParameter("stores", f"Give 1 to {MOST_IDS:,} ids, or leave `ids` out.")
    return sorted(set(ids))


def _refuse_unknown(missing: Sequence[str]) -> None:
    if missing:
        more = f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
        named = ", ".join(map(repr, missing[:_NAMED]))
        raise UnusableParameter("stores", f"There is no store {named}{more}.")
