"""What processes hold: memory, open files, connections to the database."""

from collections.abc import Iterator
from pathlib import Path

from bench.measure import children_of, peak_of


def family(process: int) -> Iterator[int]:
    """Yield a process and everything that it started."""
    yield process
    for child in children_of(process):
        yield from family(child)


def peak_of_all(process: int) -> int:
    """Return the sum of the most memory that each of a family ever had, in bytes."""
    return sum(peak_of(one) or 0 for one in family(process))


def memory_of_all(process: int) -> int:
    """Return what a family holds of its own, in bytes: memory that it shares counts once."""
    return sum(_proportional(one) for one in family(process))


def open_files_of_all(process: int) -> int:
    """Count the open files and connections of a family."""
    return sum(len(list(Path(f"/proc/{one}/fd").iterdir())) for one in family(process))


def _proportional(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
