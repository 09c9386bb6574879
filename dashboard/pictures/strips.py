"""The week of one store as a strip: one path for each state, so that fifty of them stay small."""

from collections.abc import Iterator

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from numpy.typing import NDArray

from dashboard.snapshots.columns import (
    CELL_ALL_DOWN,
    CELL_EXCLUDED,
    CELL_UNKNOWN,
    CELL_UP,
)

_HEIGHT = 16
# The classes of the style sheet, each with its cells from the first to the last.
_KINDS = (
    ("excluded", CELL_EXCLUDED, CELL_EXCLUDED),
    ("unknown", CELL_UNKNOWN, CELL_UNKNOWN),
    ("up", CELL_UP, CELL_UP),
    ("down-1", CELL_UP + 1, 66),
    ("down-2", 67, 129),
    ("down-3", 130, 254),
    ("down-4", CELL_ALL_DOWN, CELL_ALL_DOWN),
)
# The larger the share that was down, the higher, so that it shows in black and white too.
_TOPS = {"excluded": 12, "unknown": 6, "up": 8, "down-1": 6, "down-2": 4, "down-3": 2, "down-4": 0}


def strip(cells: NDArray[np.uint8], name: str) -> SafeString:
    """Return the strip. ``cells``: uint8[h], see ``columns.cells_of``. ``name``: of the store."""
    down = np.count_nonzero(cells > CELL_UP)
    counted = np.count_nonzero(cells >= CELL_UNKNOWN)
    unknown = np.count_nonzero(cells == CELL_UNKNOWN)
    excluded = np.count_nonzero(cells == CELL_EXCLUDED)
    return format_html(
        '<svg class="strip" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img"'
        ' preserveAspectRatio="none"'
        ' aria-label="{2}: {3} of {4} open hours with downtime, {5} unknown{6}">'
        '<path class="closed" d="M0 15.5h{0}"/>{7}</svg>',
        *(len(cells), _HEIGHT, name, down, counted, unknown),
        f", {excluded} excluded" if excluded else "",
        format_html_join("", '<path class="{}" d="{}"/>', _paths(cells)),
    )


def _paths(cells: NDArray[np.uint8]) -> Iterator[tuple[str, str]]:
    for kind, least, most in _KINDS:
        inside = np.concatenate([[False], (cells >= least) & (cells <= most), [False]])
        edges = np.flatnonzero(inside[1:] != inside[:-1]).tolist()
        top = _TOPS[kind]
        steps = [
            f"M{start} {top}h{end - start}V{_HEIGHT}h{start - end}z"
            for start, end in zip(edges[::2], edges[1::2], strict=True)
        ]
        if steps:
            yield kind, "".join(steps)
