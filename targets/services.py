"""Creating, changing and reading targets."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from fleet.models import Store, Tag
from jobs import clock
from targets.models import Target, validate_one_line
from uptime.targets.target import FLEET, STORE, TAG, parse_target_windows
from uptime.targets.target import Target as CoreTarget
from uptime.windows.texts import MOST_WINDOWS, parse_window

# A report keeps all that it was made by.
MOST_TARGETS = 1000
NAME_TAKEN = "There is another target of this name."


def create_target(*, created_by: str, **values: Any) -> Target:
    """Create a target with checked values. Raises IntegrityError if its name was just taken."""
    return Target.objects.create(created_by=created_by, created_at=clock.now(), **values)


def change_target(target: Target, **values: Any) -> Target:
    """Write the values that differ from the row; return the updated target."""
    with transaction.atomic():
        current = Target.objects.select_for_update(no_key=True).get(pk=target.pk)
        changed = {name for name, value in values.items() if getattr(current, name) != value}
        for name in changed:
            setattr(current, name, values[name])
        if changed:
            current.save(update_fields=changed)
    return current


def check_target(values: Mapping[str, Any], *, pk: int | None = None) -> dict[str, Any]:
    """Return the values of a whole target with its windows in canonical form.

    ``pk``: that of the row if it is there. Raises ValidationError, which names the field of each
    fault.
    """
    faults: dict[str, Any] = {}
    windows = values["windows"]
    try:
        windows = [window.text for window in parse_target_windows(values["windows"])]
    except ValueError as error:
        faults["windows"] = str(error)
    else:
        if fault := _fault_of_windows(windows, pk):
            faults["windows"] = fault
    if fault := _fault_of_name(values["name"], pk):
        faults["name"] = fault
    if fault := _fault_of_scope(values["scope"]):
        faults["scope"] = fault
    if faults:
        raise ValidationError(faults)
    return {**values, "windows": windows}


def _fault_of_name(name: str, pk: int | None) -> str | None:
    try:
        validate_one_line(name)
    except ValidationError as error:
        return str(error.messages[0])
    if _others(pk).filter(name=name).exists():
        return NAME_TAKEN
    if pk is None and Target.objects.count() >= MOST_TARGETS:
        return f"There are {MOST_TARGETS:,} targets; delete some first."
    return None


def _others(pk: int | None) -> QuerySet[Target]:
    every = Target.objects.all()
    return every if pk is None else every.exclude(pk=pk)


def _fault_of_windows(windows: Sequence[str], pk: int | None) -> str | None:
    """All targets are judged together, and a report has so many windows."""
    others = _others(pk).values_list("windows", flat=True)
    every = {*windows, *(text for texts in others for text in texts)}
    if len(every) <= MOST_WINDOWS:
        return None
    return f"All targets together have at most {MOST_WINDOWS} windows; these make it {len(every)}."


def _fault_of_scope(scope: str) -> str | None:
    """Return what is wrong with a scope, such as a store that does not exist."""
    if scope == FLEET:
        return None
    tag, store_id = scope.removeprefix(TAG), scope.removeprefix(STORE)
    if tag != scope:
        return None if Tag.objects.filter(name=tag).exists() else f"There is no tag {tag!r}."
    if store_id != scope:
        known = Store.objects.filter(store_id=store_id).exists()
        return None if known else f"There is no store {store_id!r}."
    return "Must be fleet, tag:NAME or store:ID."


def all_targets() -> list[CoreTarget]:
    """Return all targets as the core has them, the oldest first."""
    return [core_target(target) for target in Target.objects.order_by("pk")]


def core_target(target: Target) -> CoreTarget:
    return CoreTarget(
        name=target.name,
        scope=target.scope,
        hundredths=int(Decimal(target.percentage) * 100),
        windows=tuple(parse_window(text).text for text in target.windows),
    )
