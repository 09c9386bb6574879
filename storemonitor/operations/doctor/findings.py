"""What a check finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is, the mildest first."""

    OK = "OK"
    SKIPPED = "SKIP"  # What the check needs does not work.
    WARN = "WARN"  # It works, but not for long or not as it should.
    FAIL = "FAIL"  # It does not work, or not safely.


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One fact, and how to mend it; ``do`` begins with a command if there is one."""

    level: Level
    reason: str
    do: str = ""


def fine(reason: str) -> Finding:
    return Finding(level=Level.OK, reason=reason)


def warn(reason: str, do: str) -> Finding:
    return Finding(level=Level.WARN, reason=reason, do=do)


def fail(reason: str, do: str) -> Finding:
    return Finding(level=Level.FAIL, reason=reason, do=do)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A question about the installation; without a finding the answer is that all is well.

    ``needs`` names the checks without whose success it cannot be answered.
    """

    name: str
    find: Callable[[], Iterator[Finding]]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Result:
    """The answer to one check."""

    name: str
    findings: tuple[Finding, ...]

    @property
    def level(self) -> Level:
        """The worst level of the findings."""
        order = list(Level)
        return max((one.level for one in self.findings), key=order.index, default=Level.OK)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun, such as "1 report" and "2 reports"."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def named(names: list[str], *, shown: int = 3) -> str:
    """Return the first names of a list, and how many more there are."""
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more:,} more" if more > 0 else "")
