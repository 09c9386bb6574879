"""The figures as one table that reads as Markdown too, and the machine that they are from."""

import os
import platform
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.measure import Run

_LIBRARIES = (
    *("django", "celery", "gunicorn", "psycopg", "redis"),
    *("numpy", "pandas", "pyarrow", "adbc-driver-postgresql"),
)
Place = tuple[str, str]  # The data and the database.
Runs = Sequence[Run]


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
    measured: str = ""
    against: str = ""
    rows: str
    peak: str


@dataclass(frozen=True, kw_only=True)
class _Number:
    """A result, and what it was in each turn; None where the system does not tell it."""

    result: float | None
    turns: Sequence[float]
    unit: str = ""
    digits: int = 2


def ratio(
    figure: str, place: Place, measured: Runs, against: Runs, at_most: float | None = None
) -> Row:
    """Return the ratio of the medians of seconds; the spread is that of the turns, side by side."""
    left, right = (median(run.seconds for run in runs) for runs in (measured, against))
    turns = [one.seconds / other.seconds for one, other in zip(measured, against, strict=True)]
    row = _row(figure, place, measured, _Number(result=left / right, turns=turns), at_most)
    most = max(run.rows for run in (*measured, *against))
    return replace(row, measured=f"{left:.3f} s", against=f"{right:.3f} s", rows=f"{most:,}")


def memory_ratio(
    figure: str, place: Place, measured: Runs, against: Runs, at_most: float | None = None
) -> Row:
    """Return the ratio of the medians of the peaks, shown where ``ratio`` shows seconds."""
    if not _peaks(measured) or not _peaks(against):
        return replace(memory(figure, place, measured), against="unknown")
    in_bytes = [
        [replace(run, seconds=run.peak or 0) for run in runs] for runs in (measured, against)
    ]
    row = ratio(figure, place, in_bytes[0], in_bytes[1], at_most)
    left, right = (f"{median(_peaks(runs)) / 1e6:.0f} MB" for runs in (measured, against))
    return replace(row, measured=left, against=right)


def duration(figure: str, place: Place, runs: Runs, at_most: float | None = None) -> Row:
    """Return the median of the seconds themselves, where a target is set in seconds."""
    seconds = [run.seconds for run in runs]
    number = _Number(result=median(seconds), turns=seconds, unit=" s")
    row = _row(figure, place, runs, number, at_most)
    return replace(row, measured=f"{median(seconds):.3f} s")


def amount(
    figure: str, place: Place, number: float, unit: str, at_most: float | None = None
) -> Row:
    """Return a number that was found once, such as a rate or a count."""
    return replace(
        _row(figure, place, [Run(seconds=0)], _Number(result=number, turns=[number]), at_most),
        result=f"{number:,.{0 if number >= 10 or number == int(number) else 2}f}{unit}",
        spread="",
        rows="",
        peak="",
    )


def memory(figure: str, place: Place, runs: Runs, at_most: float | None = None) -> Row:
    """Return the peak over all runs, with the spread; ``at_most`` in MB of a million bytes."""
    peaks = [peak / 1e6 for peak in _peaks(runs)]
    number = _Number(result=max(peaks, default=None), turns=peaks, unit=" MB", digits=0)
    return _row(figure, place, runs, number, at_most)


def _row(figure: str, place: Place, runs: Runs, number: _Number, at_most: float | None) -> Row:
    data, database = place
    peaks = _peaks(runs)
    row = Row(
        figure=figure,
        data=data,
        database=database,
        result="unknown",
        spread="",
        target="" if at_most is None else f"<= {at_most:g}{number.unit}",
        met="",
        rows=f"{max(run.rows for run in runs):,}",
        peak=f"{max(peaks) / 1e6:.0f} MB" if peaks else "unknown",
    )
    if number.result is None:
        return row
    return replace(
        row,
        result=f"{number.result:.{number.digits}f}{number.unit}",
        spread="..".join(f"{end(number.turns):.{number.digits}f}" for end in (min, max)),
        met="" if at_most is None else "yes" if number.result <= at_most else "NO",
    )


def render(rows: Iterable[Row]) -> str:
    """Return the table, its columns aligned; one figure's rows stand together."""
    rows = list(rows)
    figures = [row.figure for row in rows]
    rows.sort(key=lambda row: figures.index(row.figure))
    cells = [[field.name for field in fields(Row)], *(list(astuple(row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(map(str.ljust, line, widths))} |" for line in cells)


def machine() -> list[str]:
    """Return what the figures depend on, apart from the code."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    system = f"{platform.system()} {platform.release()}"
    return [
        f"machine: {cores()} cores of {_processor()}, {memory_bytes / 2**30:.0f} GiB, {system}",
        f"Python {platform.python_version()}; {libraries}",
    ]


def _peaks(runs: Runs) -> list[int]:
    return [run.peak for run in runs if run.peak is not None]


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
