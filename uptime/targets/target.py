"""A target: the uptime that stores should have in some windows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from uptime.windows.calendar import RELATIVE_TEXTS
from uptime.windows.elapsed import ElapsedWindow
from uptime.windows.texts import WindowSpec, parse_windows

# Percentages are whole hundredths of a percent, so that nothing is rounded.
WHOLE = 10_000

FLEET = "fleet"
TAG = "tag:"
STORE = "store:"

_PERCENTAGE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?")


@dataclass(frozen=True, kw_only=True)
class Target:
    """``hundredths``: the least share of open time that is up, in hundredths of a percent.

    ``scope``: ``fleet``, ``tag:NAME`` or ``store:ID``. ``windows``: canonical texts.
    """

    name: str
    scope: str
    hundredths: int
    windows: tuple[str, ...]

    @property
    def percentage(self) -> str:
        return text_of_percentage(self.hundredths)


def parse_percentage(text: str) -> int:
    """Return the hundredths of a percentage such as 99.5. Raises ``ValueError``, for people."""
    hundredths = int(Decimal(text) * 100) if _PERCENTAGE.fullmatch(text) else 0
    if not 1 <= hundredths <= WHOLE:
        raise ValueError(
            f"{text!r} is not a percentage from 0.01 to 100 with at most two decimals, such as"
            " 99.5."
        )
    return hundredths


def text_of_percentage(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def parse_target_windows(texts: Sequence[str]) -> tuple[WindowSpec, ...]:
    """Return the windows of a lasting target.

    Raises ``ValueError`` like ``parse_windows``, and for a given day, week or month: it would soon
    be too long ago.
    """
    windows = parse_windows(texts)
    for window in windows:
        if not isinstance(window, ElapsedWindow) and window.text not in RELATIVE_TEXTS:
            raise ValueError(
                f"Window {window.text!r} is one time only; a target needs a length such as 7d, or"
                f" one of {', '.join(RELATIVE_TEXTS)}."
            )
    return windows
