"""The question to the core: one form for reports, for one store and without a database."""

from collections.abc import Sequence
from dataclasses import dataclass

from uptime.targets.target import Target
from uptime.windows.bounds import AnyWindow, earliest_start
from uptime.windows.elapsed import HOUR, Window

LOOK_BACK = 24 * HOUR


@dataclass(frozen=True, kw_only=True)
class Question:
    """As of, windows and measures; all lengths are microseconds.

    ``as_of``: the instant of rule 1. ``look_back``: how long before a window polls count (rule 6).
    ``max_gap``: time further than this from the nearest poll is unknown (rule 8); None for no
    limit. ``fresh``: how near evidence must be to cover (rule 14). ``full``: with the quality of
    the numbers (rules 13 to 17). ``targets``: by which to judge the stores (rules 28 to 31).
    """

    as_of: int
    windows: Sequence[AnyWindow]
    look_back: int = LOOK_BACK
    max_gap: int | None = None
    fresh: int = HOUR
    full: bool = False
    targets: Sequence[Target] = ()

    @property
    def first_poll(self) -> int:
        """The earliest instant at which a poll counts; raises what ``earliest_start`` raises."""
        return earliest_start(self.windows, self.as_of) - self.look_back

    @property
    def stretch(self) -> Window:
        """The only window, between two instants. Raises ``ValueError`` otherwise."""
        if len(self.windows) != 1 or not isinstance(window := self.windows[0], Window):
            raise ValueError("A timeline covers one window between two instants.")
        return window
