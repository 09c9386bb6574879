"""The figures as one table that reads as Markdown too, and the machine that they are from."""

import os
import platform
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.measure import Run

_LIBRARIES = (
    *("django", "celery", "gunicorn", "psycopg", "redis"),
    *("numpy", "pandas", "pyarrow", "adbc-driver-postgresql"),
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure, as printed."""

    figure: str
    data: str
    database: str
    result: str
    spread: str
    target: str
    met: str
    measured: str
    against: str
    rows: str
    peak: str


def ratio(
    figure: str,
    place: tuple[str, str],
    measured: Sequence[Run],
    against: Sequence[Run],
    *,
    at_most: float | None = None,
) -> Row:
    """Return the ratio of the medians; the spread is that of the turns, side by side.

    ``place``: the data and the database.
    """
    left, right = (median(run.seconds for run in runs) for runs in (measured, against))
    turns = [one.seconds / other.seconds for one, other in zip(measured, against, strict=True)]
    return Row(
        figure=figure,
        data=place[0],
        database=place[1],
        result=f"{left / right:.2f}",
        spread=f"{min(turns):.2f}..{max(turns):.2f}",
        target="" if at_most is None else f"<= {at_most:g}",
        met=_met(left / right, at_most),
        measured=f"{left:.3f} s",
        against=f"{right:.3f} s",
        rows=f"{max(run.rows for run in (*measured, *against)):,}",
        peak=_megabytes(_peaks(measured)),
    )


def memory(
    figure: str, place: tuple[str, str], runs: Sequence[Run], *, at_most: float | None = None
) -> Row:
    """Return the peak over all runs, with the spread; ``at_most`` in MB of a million bytes."""
    peaks = _peaks(runs)
    least_and_most = "" if not peaks else f"{min(peaks) / 1e6:.0f}..{max(peaks) / 1e6:.0f}"
    return Row(
        figure=figure,
        data=place[0],
        database=place[1],
        result=_megabytes(peaks),
        spread=least_and_most,
        target="" if at_most is None else f"<= {at_most:.0f} MB",
        met=_met(max(peaks) / 1e6, at_most) if peaks else "",
        measured="",
        against="",
        rows=f"{max(run.rows for run in runs):,}",
        peak=_megabytes(peaks),
    )


def memory_ratio(
    figure: str,
    place: tuple[str, str],
    measured: Sequence[Run],
    against: Sequence[Run],
    *,
    at_most: float | None = None,
) -> Row:
    """Return the ratio of the medians of the peaks, shown where ``ratio`` shows seconds."""
    if not _peaks(measured) or not _peaks(against):
        return replace(memory(figure, place, measured), against="unknown")
    in_bytes = (
        [replace(run, seconds=run.peak or 0) for run in runs] for runs in (measured, against)
    )
    row = ratio(figure, place, *in_bytes, at_most=at_most)
    left, right = (median(_peaks(runs)) for runs in (measured, against))
    return replace(row, measured=f"{left / 1e6:.0f} MB", against=f"{right / 1e6:.0f} MB")


def duration(
    figure: str, place: tuple[str, str], runs: Sequence[Run], *, at_most: float | None = None
) -> Row:
    """Return the median of the seconds themselves, where a target is set in seconds."""
    seconds = [run.seconds for run in runs]
    return Row(
        figure=figure,
        data=place[0],
        database=place[1],
        result=f"{median(seconds):.2f} s",
        spread=f"{min(seconds):.2f}..{max(seconds):.2f}",
        target="" if at_most is None else f"<= {at_most:g} s",
        met=_met(median(seconds), at_most),
        measured=f"{median(seconds):.3f} s",
        against="",
        rows=f"{max(run.rows for run in runs):,}",
        peak=_megabytes(_peaks(runs)),
    )


def render(rows: Iterable[Row]) -> str:
    """Return the table, its columns aligned; one figure's rows stand together."""
    rows = list(rows)
    figures = [row.figure for row in rows]
    rows.sort(key=lambda row: figures.index(row.figure))
    names = [field.name for field in fields(Row)]
    cells = [names, *([getattr(row, name) for name in names] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [_line(line, widths) for line in cells]
    rule = "| " + " | ".join("-" * width for width in widths) + " |"
    return "\n".join([lines[0], rule, *lines[1:]])


def machine() -> list[str]:
    """Return what the figures depend on besides the code."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    system = f"{platform.system()} {platform.release()}"
    return [
        f"machine: {cores()} cores of {_processor()}, {memory_bytes / 2**30:.0f} GiB, {system}",
        f"Python {platform.python_version()}; {libraries}",
    ]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
    return "| " + " | ".join(padded) + " |"


def _met(result: float, at_most: float | None) -> str:
    if at_most is None:
        return ""
    return "yes" if result <= at_most else "NO"


def _peaks(runs: Sequence[Run]) -> list[int]:
    return [run.peak for run in runs if run.peak is not None]


def _megabytes(peaks: Sequence[int]) -> str:
    return f"{max(peaks) / 1e6:.0f} MB" if peaks else "unknown"


def cores() -> int:
    """Return how many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    except FileNotFoundError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()
