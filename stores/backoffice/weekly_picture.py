"""A store's weekly business hours as a picture, and the same in words."""

from collections.abc import Iterator, Sequence

from django.utils.safestring import SafeString

from fleet.models import BusinessHours
from stores.backoffice.svg import Box, box, picture, strokes, words
from stores.week import OpeningOfWeek
from uptime.windows.elapsed import DAY

WEEKDAYS = tuple(BusinessHours.Weekday(number).label for number in range(7))

_HOUR = DAY // 24
_LEFT, _TOP, _ROW, _BAR = 40, 18, 22, 14
_WIDTH = 480
_SIZE = (_LEFT + _WIDTH + 20, _TOP + 7 * _ROW + 4)


def weekly_picture(openings: Sequence[OpeningOfWeek]) -> SafeString:
    """Return seven rows of 24 hours of local time, with the openings as bars."""
    rows = weekly_words(openings)
    return picture(
        [*_grid(), *_bars(openings)],
        size=_SIZE,
        name="week",
        title="Business hours of the week, in local time",
        described=" ".join(f"{day}: {text}." for day, text in rows),
    )


def weekly_words(openings: Sequence[OpeningOfWeek]) -> list[tuple[str, str]]:
    """Return the open hours of each weekday, such as ``09:00-17:00, 20:00-24:00``."""
    texts: list[list[str]] = [[] for _ in WEEKDAYS]
    for day, opens, closes in _by_day(openings):
        texts[day].append(f"{_clock(opens)}-{_clock(closes)}")
    return [
        (name, ", ".join(parts) or "closed") for name, parts in zip(WEEKDAYS, texts, strict=True)
    ]


def _by_day(openings: Sequence[OpeningOfWeek]) -> Iterator[tuple[int, int, int]]:
    """Yield openings cut at midnight: weekday, opening and closing since midnight, in order."""
    pieces = []
    for opens, closes in openings:
        for day in range(opens // DAY, (closes - 1) // DAY + 1):
            first, last = max(opens - day * DAY, 0), min(closes - day * DAY, DAY)
            pieces.append((day % 7, first, last))
    yield from sorted(pieces)


def _grid() -> Iterator[SafeString]:
    for hour in range(0, 25, 6):
        yield words(_x(hour * _HOUR), _TOP - 6, f"{hour:02}", "hour")
    for hour in range(25):
        kind = "grid main" if hour % 6 == 0 else "grid"
        yield strokes([(_x(hour * _HOUR), _TOP, 7 * _ROW)], kind)
    for day, name in enumerate(WEEKDAYS):
        yield words(_LEFT - 6, _TOP + day * _ROW + 15, name[:3], "day")


def _bars(openings: Sequence[OpeningOfWeek]) -> Iterator[SafeString]:
    for day, opens, closes in _by_day(openings):
        top = _TOP + day * _ROW + (_ROW - _BAR) / 2
        place = Box(_x(opens), top, _x(closes) - _x(opens), _BAR)
        yield box(place, "open", f"{WEEKDAYS[day]} {_clock(opens)}-{_clock(closes)}")


def _x(since_midnight: int) -> float:
    return _LEFT + _WIDTH * since_midnight / DAY


def _clock(since_midnight: int) -> str:
    minutes, rest = divmod(since_midnight, _HOUR // 60)
    seconds = rest // 1_000_000
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
