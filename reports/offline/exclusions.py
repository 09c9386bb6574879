"""The file of ``./run report --exclusions``: time that does not count (rule 21).

A wrong row would change numbers silently, so unlike one of a feed it ends the command.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from feeds import values
from feeds.errors import UnusableFile
from feeds.values import BadValue
from uptime import Exclusions

_FIELDS = ("store_id", "from", "to", "reason")

Row = Mapping[str, str]


def read_exclusions(path: Path, store_ids: Sequence[str]) -> Exclusions:
    """Return the exclusions of a CSV with ``store_id,from,to,reason``; no store id means all.

    Raises ``UnusableFile``, with the line, the field and the reason of what is wrong.
    """
    place = {store_id: number for number, store_id in enumerate(store_ids)}
    every = np.arange(len(store_ids), dtype=np.int64)
    found = [
        (every if store is None else every[store : store + 1], start, end)
        for store, start, end in _exclusions(path, place)
    ]
    counts = [len(stores) for stores, _, _ in found]
    return Exclusions(
        store=np.concatenate([every[:0], *(stores for stores, _, _ in found)]),
        start=np.repeat(np.array([start for _, start, _ in found], dtype=np.int64), counts),
        end=np.repeat(np.array([end for _, _, end in found], dtype=np.int64), counts),
    )


def _exclusions(path: Path, place: Mapping[str, int]) -> Iterator[tuple[int | None, int, int]]:
    """Yield the number of the store, None for all, and start and end."""
    for line, row in _rows(path):
        try:
            yield _exclusion(row, place)
        except _BadField as error:
            raise UnusableFile(f"{path}: line {line}, {error}") from error


def _rows(path: Path) -> Iterator[tuple[int, Row]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            yield from _named(path, ((reader.line_num, cells) for cells in reader))
    except OSError as error:
        raise UnusableFile(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnusableFile(f"{path} is not UTF-8 text.") from error
    except csv.Error as error:
        raise UnusableFile(f"{path}: line {reader.line_num}, {error}") from error


def _named(path: Path, lines: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, Row]]:
    _, names = next(lines, (1, []))
    header = [name.strip() for name in names]
    if sorted(header) != sorted(_FIELDS):
        raise UnusableFile(f"{path}: line 1 must be {','.join(_FIELDS)}.")
    for line, cells in lines:
        if cells and len(cells) != len(header):
            raise UnusableFile(
                f"{path}: line {line} has {len(cells)} fields instead of {len(header)}."
            )
        if cells:
            yield line, dict(zip(header, cells, strict=True))


class _BadField(ValueError):
    """A wrong value; the text names the field, the value and the reason."""

    def __init__(self, field: str, row: Row, reason: str) -> None:
        super().__init__(f"{field} {row[field]!r} {reason}.")


def _exclusion(row: Row, place: Mapping[str, int]) -> tuple[int | None, int, int]:
    start, end = (_instant(row, field) for field in ("from", "to"))
    if start >= end:
        raise _BadField("to", row, f"is not after from, {row['from']}")
    return _store(row, place), start, end


def _instant(row: Row, field: str) -> int:
    try:
        return values.instant(row[field])
    except BadValue as error:
        raise _BadField(field, row, str(error)) from error


def _store(row: Row, place: Mapping[str, int]) -> int | None:
    if not row["store_id"].strip():
        return None
    try:
        return place[values.store_id(row["store_id"])]
    except BadValue as error:
        raise _BadField("store_id", row, str(error)) from error
    except KeyError as error:
        raise _BadField("store_id", row, "is in no row of the feeds") from error
