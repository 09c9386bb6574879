"""Windows as text, and their meaning."""

import re
from collections.abc import Callable, Sequence
from datetime import date

from uptime.windows.calendar import (
    RELATIVE_TEXTS,
    CalendarWindow,
    Dates,
    day_of,
    month_of,
    week_of,
)
from uptime.windows.elapsed import DAY, HOUR, MINUTE, ElapsedWindow

WindowSpec = ElapsedWindow | CalendarWindow

MOST_WINDOWS = 12
LONGEST_DAYS = 366

_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_ELAPSED = re.compile(r"([0-9]{1,6})([mhdw])")
_GIVEN: tuple[tuple[re.Pattern[str], Callable[[str], Dates]], ...] = (
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), lambda text: day_of(date.fromisoformat(text))),
    (re.compile(r"[0-9]{4}-W[0-9]{2}"), lambda text: week_of(date.fromisoformat(text))),
    (re.compile(r"[0-9]{4}-[0-9]{2}"), lambda text: month_of(date.fromisoformat(f"{text}-01"))),
)

# The form of a length and of any window; parsing decides whether it exists.
LENGTH_PATTERN = _ELAPSED.pattern
WINDOW_PATTERN = "|".join([LENGTH_PATTERN, *RELATIVE_TEXTS, *(one.pattern for one, _ in _GIVEN)])


def parse_windows(texts: Sequence[str]) -> tuple[WindowSpec, ...]:
    """Return the windows that ``texts`` ask for, in the same order.

    Raises ``ValueError``, with a sentence for people, if there are none or more than
    ``MOST_WINDOWS``, or if one is invalid or repeated.
    """
    if not 1 <= len(texts) <= MOST_WINDOWS:
        raise ValueError(f"Ask for 1 to {MOST_WINDOWS} windows, not {len(texts)}.")
    windows = tuple(parse_window(text) for text in texts)
    said = [window.text for window in windows]
    for number, text in enumerate(said):
        if text in said[:number]:
            earlier = texts[said.index(text)]
            raise ValueError(f"Window {texts[number]!r} is repeated: {earlier!r} is the same.")
    return windows


def length_of(text: str) -> int | None:
    """Return the microseconds of a length such as 90m, 3h, 90d or 12w; None for any other text."""
    written = _ELAPSED.fullmatch(text)
    return written and int(written[1]) * _UNITS[written[2]]


def parse_length(text: str) -> int:
    """Return the microseconds of a length in the range of windows. Raises ``ValueError``."""
    length = length_of(text)
    if length is None or not MINUTE <= length <= LONGEST_DAYS * DAY:
        raise ValueError(
            f"{text!r} is not a length of 1 minute to {LONGEST_DAYS} days, such as 90m, 3h or 2d."
        )
    return length


def parse_window(text: str) -> WindowSpec:
    """Return the window that ``text`` asks for. Raises ``ValueError`` if it is invalid."""
    length = length_of(text)
    if length is not None:
        return _elapsed(text, length)
    if text in RELATIVE_TEXTS:
        return CalendarWindow(text=text)
    return CalendarWindow(text=text, dates=_given(text))


def _elapsed(text: str, length: int) -> ElapsedWindow:
    if not MINUTE <= length <= LONGEST_DAYS * DAY:
        raise ValueError(f"Window {text!r} must last 1 minute to {LONGEST_DAYS} days.")
    return ElapsedWindow(length=length)


def _given(text: str) -> Dates:
    for pattern, dates_of in _GIVEN:
        if pattern.fullmatch(text):
            return _on_the_calendar(text, dates_of)
    raise ValueError(
        f"{text!r} is not a window. Write a length such as 90m, 24h, 7d or 4w, one of"
        f" {', '.join(RELATIVE_TEXTS)}, or a day, week or month such as 2024-03-10, 2024-W10"
        " or 2024-03."
    )


def _on_the_calendar(text: str, dates_of: Callable[[str], Dates]) -> Dates:
    problem = f"Window {text!r} does not exist between 1970 and 2199."
    try:
        dates = dates_of(text)
    except (ValueError, OverflowError) as error:
        raise ValueError(problem) from error
    if not 1970 <= dates[0].year < 2200:
        raise ValueError(problem)
    return dates
