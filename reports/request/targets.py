"""The targets of a report: those that are set, or one percentage; kept in its row."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from reports.models import Report
from reports.request.unusable import UnusableParameter
from targets.services import all_targets
from uptime import DEFAULT_WINDOWS, parse_windows
from uptime.targets import results
from uptime.targets.target import FLEET, Target, parse_percentage

# That of the percentage that a request gave.
UNNAMED = ""


def chosen_targets(target: Decimal | None, windows: Sequence[str] | None) -> tuple[Target, ...]:
    """Return the targets of a new report: one of this percentage, or those that are set.

    ``windows``: those that the request gives; None for all that targets have. Raises
    UnusableParameter if there is no target in them.
    """
    texts = _canonical(windows)
    if target is not None:
        return (_unnamed(target, texts or DEFAULT_WINDOWS),)
    there = tuple(
        one for one in all_targets() if texts is None or not set(texts).isdisjoint(one.windows)
    )
    if not there:
        where = "" if texts is None else f" in {', '.join(texts)}"
        raise UnusableParameter(
            "target", f"No target is set{where}. Set one, or give a percentage here."
        )
    return there


def windows_of(targets: Sequence[Target]) -> list[str]:
    """Return the texts of all windows that the targets have."""
    return [window.text for window in results.windows_of(targets)]


def percentage_of(report: Report) -> Decimal | None:
    """Return the percentage that the request of a report gave, None if it gave none."""
    (only, *others) = report.targets or [{}]
    return Decimal(str(only["percentage"])) if only.get("name") == UNNAMED and not others else None


def told(targets: Iterable[Target]) -> list[dict[str, Any]]:
    """Return targets as plain data."""
    return [
        {
            "name": target.name,
            "scope": target.scope,
            "percentage": target.hundredths / 100,
            "windows": list(target.windows),
        }
        for target in targets
    ]


def known(said: Iterable[Mapping[str, Any]]) -> tuple[Target, ...]:
    """Return the targets from plain data."""
    return tuple(
        Target(
            name=one["name"],
            scope=one["scope"],
            hundredths=parse_percentage(f"{one['percentage']:.2f}"),
            windows=tuple(one["windows"]),
        )
        for one in said
    )


def _unnamed(target: Decimal, windows: Sequence[str]) -> Target:
    try:
        hundredths = parse_percentage(f"{target:f}")
    except ValueError as error:
        raise UnusableParameter("target", str(error)) from error
    return Target(name=UNNAMED, scope=FLEET, hundredths=hundredths, windows=tuple(windows))


def _canonical(windows: Sequence[str] | None) -> list[str] | None:
    try:
        return None if windows is None else [window.text for window in parse_windows(windows)]
    except ValueError as error:
        raise UnusableParameter("windows", str(error)) from error
