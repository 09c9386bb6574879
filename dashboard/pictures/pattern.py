"""Downtime by weekday and hour of the day, as a grid and as a table."""

from collections.abc import Iterator

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from numpy.typing import NDArray

from dashboard.templatetags.words import percent

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LEFT, _TOP, _CELL = 34, 16, 22
_HOUR_LABELS = range(0, 24, 3)


def pattern_picture(pattern: NDArray[np.int64]) -> SafeString:
    """Return the grid. ``pattern``: int64[4, 7, 24], up, down, unknown and excluded time.

    A cell is shaded by the share that was down of its open time that is not excluded, black and
    white included: the darkest is the worst. Hours without such time are left empty.
    """
    down, opened = pattern[1], pattern[:3].sum(axis=0)
    shares = down / np.maximum(opened, 1)
    worst = float(shares.max())
    day, hour = np.nonzero(opened)
    cells = format_html_join(
        "",
        '<rect class="cell" x="{}" y="{}" width="{}" height="{}"/>'
        '<rect class="fill-down" x="{}" y="{}" width="{}" height="{}" fill-opacity="{}">'
        "<title>{} {}:00, {} of open time down</title></rect>",
        (
            (
                *(x, y, _CELL - 2, _CELL - 2) * 2,
                f"{shares[d, h] / worst:.3f}" if worst else "0",
                *(DAYS[d], f"{h:02}", percent(int(down[d, h]), int(opened[d, h]))),
            )
            for d, h, x, y in _places(day, hour)
        ),
    )
    size = (_LEFT + 24 * _CELL, _TOP + 7 * _CELL)
    return format_html(
        '<svg class="pattern" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>',
        *size,
        "Downtime by weekday and hour of the day; the table below has the numbers",
        _labels(),
        cells,
    )


def pattern_rows(pattern: NDArray[np.int64]) -> list[tuple[int, list[str]]]:
    """Return for each hour the share of open time down on each weekday, as text."""
    down, opened = pattern[1].tolist(), pattern[:3].sum(axis=0).tolist()
    return [
        (hour, [percent(down[day][hour], opened[day][hour]) for day in range(7)])
        for hour in range(24)
    ]


def _places(day: NDArray[np.int64], hour: NDArray[np.int64]) -> Iterator[tuple[int, int, int, int]]:
    for d, h in zip(day.tolist(), hour.tolist(), strict=True):
        yield d, h, _LEFT + h * _CELL, _TOP + d * _CELL


def _labels() -> SafeString:
    hours = [(_LEFT + hour * _CELL, _TOP - 4, f"{hour:02}") for hour in _HOUR_LABELS]
    days = [(0, _TOP + day * _CELL + 15, name) for day, name in enumerate(DAYS)]
    return format_html_join("", '<text x="{}" y="{}">{}</text>', (*hours, *days))
