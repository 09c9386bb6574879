"""What changed between two reports: the stores whose numbers differ most."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dashboard.pages.reports.table import Table
from uptime import Kind

LISTED = 50


@dataclass(frozen=True, kw_only=True)
class Change:
    """One store's number in the earlier and in the later report, as printed, and the difference."""

    store_id: str
    before: str
    after: str
    difference: str


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How many stores differ in ``column``, and those that differ most.

    ``columns``: the numbers that both reports have. ``new`` and ``gone``: how many stores only one
    of them has.
    """

    columns: Sequence[str]
    column: str
    same: int
    differing: int
    new: int
    gone: int
    most: Sequence[Change]


def changes(before: Table, after: Table, column: str) -> Changes | None:
    """Compare a column, by default the first that both have; None if they have none in common.

    Differences are of the printed numbers, in whole hundredths.
    """
    shared = [
        name for name, kind in after.kinds.items() if kind is Kind.NUMBER and name in before.numbers
    ]
    if not shared:
        return None
    column = column if column in shared else shared[0]
    earlier, later = before.texts["store_id"], after.texts["store_id"]
    place = pc.index_in(later, value_set=earlier.combine_chunks()).to_numpy(zero_copy_only=False)
    in_both = np.flatnonzero(~np.isnan(place.astype(np.float64)))
    old = place[in_both].astype(np.int64)
    was, now = _hundredths(before, column)[old], _hundredths(after, column)[in_both]
    # -1 is no number: a store that was closed all the time may have one now.
    difference = np.where((was < 0) | (now < 0), 0, now - was)
    order = np.lexsort((in_both, -np.abs(difference)))
    order = order[difference[order] != 0]
    return Changes(
        columns=shared,
        column=column,
        same=len(in_both) - len(order),
        differing=len(order),
        new=len(later) - len(in_both),
        gone=len(earlier) - len(in_both),
        most=_most(before, after, column, (old, in_both, difference), order[:LISTED]),
    )


def _hundredths(table: Table, column: str) -> NDArray[np.int64]:
    numbers = table.numbers[column]
    return np.where(np.isnan(numbers), -1, np.rint(np.nan_to_num(numbers) * 100)).astype(np.int64)


def _most(
    before: Table,
    after: Table,
    column: str,
    both: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    order: NDArray[np.int64],
) -> list[Change]:
    old, new, difference = (each[order] for each in both)
    columns: list[list[Any]] = [
        after.texts["store_id"].take(pa.array(new)).to_pylist(),
        before.texts[column].take(pa.array(old)).to_pylist(),
        after.texts[column].take(pa.array(new)).to_pylist(),
        [_signed(value) for value in difference.tolist()],
    ]
    return [
        Change(store_id=store, before=was, after=now, difference=by)
        for store, was, now, by in zip(*columns, strict=True)
    ]


def _signed(hundredths: int) -> str:
    sign, size = "+" if hundredths > 0 else "\N{MINUS SIGN}", abs(hundredths)
    return f"{sign}{size // 100}.{size % 100:02}"
