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
    """One store's number in the earlier and in the later report, as printed, and the difference.

    A number is None where the report has none, such as the uptime of a store that was closed;
    ``difference`` is "" if either is.
    """

    store_id: str
    before: str | None
    after: str | None
    difference: str


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How many stores differ in ``column`` beyond its margins (rule 27), and those that do most.

    ``within``: how many differ only within them; 0 if there are none, so every difference counts.
    ``columns``: the numbers that both reports have. ``more`` and ``less``: how many stores have a
    larger or a smaller one than before. ``new`` and ``gone``: how many stores only one of the
    reports has; ``new_ids``, ``gone_ids``: up to ``LISTED`` of them.
    """

    columns: Sequence[str]
    column: str
    same: int
    differing: int
    within: int
    more: int
    less: int
    new: int
    gone: int
    new_ids: Sequence[str]
    gone_ids: Sequence[str]
    most: Sequence[Change]


def changes(before: Table, after: Table, column: str, order: str = "") -> Changes | None:
    """Compare a column, by default the last downtime; None if the reports have none in common.

    Differences are of the printed numbers, in whole hundredths. ``order``: ``more`` lists the
    largest increases, ``less`` the largest decreases, anything else the largest differences.
    """
    shared = [
        name for name, kind in after.kinds.items() if kind is Kind.NUMBER and name in before.numbers
    ]
    if not shared or before.key != after.key:
        return None
    if column not in shared:
        column = next((name for name in shared[::-1] if name.startswith("downtime")), shared[0])
    earlier, later = before.ids, after.ids
    place = pc.index_in(later, value_set=earlier.combine_chunks()).to_numpy(zero_copy_only=False)
    in_both = np.flatnonzero(~np.isnan(place.astype(np.float64)))
    old = place[in_both].astype(np.int64)
    was, now = _hundredths(before, column)[old], _hundredths(after, column)[in_both]
    # -1 is no number: a store that was closed all the time may have one now.
    difference = np.where((was < 0) | (now < 0), 0, now - was)
    moved = was != now
    differs = moved & (
        (difference == 0) | (np.abs(difference) > _margins(before, after, column, old, in_both))
    )
    difference = np.where(differs, difference, 0)
    new, gone = _others(in_both, len(later)), _others(old, len(earlier))
    return Changes(
        columns=shared,
        column=column,
        same=int(np.sum(~moved)),
        within=int(np.sum(moved & ~differs)),
        differing=int(np.sum(differs)),
        more=int(np.sum(difference > 0)),
        less=int(np.sum(difference < 0)),
        new=len(new),
        gone=len(gone),
        new_ids=later.take(pa.array(new[:LISTED])).to_pylist(),
        gone_ids=earlier.take(pa.array(gone[:LISTED])).to_pylist(),
        most=_most(
            before, after, column, (old, in_both, difference), _largest(difference, differs, order)
        ),
    )


def _margins(
    before: Table,
    after: Table,
    column: str,
    old: NDArray[np.int64],
    new: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the margins of both reports together for an uptime or downtime; 0 without any."""
    measure, _, window = column.partition("_")
    margin = f"margin_{window}"
    has_margins = margin in before.numbers and margin in after.numbers
    if measure not in ("uptime", "downtime") or not has_margins:
        return np.zeros(len(old), dtype=np.int64)
    return _hundredths(before, margin)[old] + _hundredths(after, margin)[new]


def _others(places: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the places below ``count`` that are not among ``places``."""
    others = np.ones(count, np.bool_)
    others[places] = False
    return np.flatnonzero(others)


def _largest(
    difference: NDArray[np.int64], differs: NDArray[np.bool_], order: str
) -> NDArray[np.int64]:
    chosen = {"more": difference > 0, "less": difference < 0}.get(order, differs)
    found = np.flatnonzero(chosen)
    return found[np.argsort(-np.abs(difference[found]), kind="stable")][:LISTED]


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
        after.ids.take(pa.array(new)).to_pylist(),
        before.texts[column].take(pa.array(old)).to_pylist(),
        after.texts[column].take(pa.array(new)).to_pylist(),
        [_signed(value) for value in difference.tolist()],
    ]
    return [
        Change(store_id=store, before=was, after=now, difference=by)
        for store, was, now, by in zip(*columns, strict=True)
    ]


def _signed(hundredths: int) -> str:
    if not hundredths:
        return ""
    sign, size = "+" if hundredths > 0 else "\N{MINUS SIGN}", abs(hundredths)
    return f"{sign}{size // 100}.{size % 100:02}"
