"""The targets of a report: those that are set, or one percentage; kept in its row."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from reports.models import Report
from reports.request.unusable import UnusableParameter
from targets.services import all_targets
from uptime.targets import results
from uptime.targets.target import FLEET, Target, parse_percentage

# That of the percentage that a request gave.
UNNAMED = ""


def set_targets(windows: Sequence[str]) -> tuple[Target, ...]:
    """Return the targets that are set, of a new report in ``windows``; none is all they have.

    Raises UnusableParameter if there is no target in them.
    """
    there = tuple(
        one for one in all_targets() if not windows or not set(windows).isdisjoint(one.windows)
    )
    if not there:
        where = f" in {', '.join(windows)}" if windows else ""
        raise UnusableParameter(
            "target", f"No target is set{where}. Set one, or give a percentage as `target`."
        )
    return there


def one_target(target: Decimal, windows: Sequence[str]) -> Target:
    """Return the target of a report that gives one percentage. Raises UnusableParameter."""
    try:
        hundredths = parse_percentage(f"{target:f}")
    except ValueError as error:
        raise UnusableParameter("target", str(error)) from error
    return Target(name=UNNAMED, scope=FLEET, hundredths=hundredths, windows=tuple(windows))


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
