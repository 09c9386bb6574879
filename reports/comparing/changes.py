"""Which numbers of two reports differ beyond their margins (rule 27). No Django."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from uptime import MINUTE, WindowSpec


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What a report says of its stores, in printed order.

    ``ids``: text[n]. ``up``, ``down``, ``margin``: int64[windows, n], hundredths of the window's
    unit, as printed; ``margin`` is None for classic columns.
    """

    ids: pa.Array
    up: NDArray[np.int64]
    down: NDArray[np.int64]
    margin: NDArray[np.int64] | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """A store's numbers in one window that changed: before and after, in hundredths.

    ``margins``: those of both together; None if a report has none.
    """

    store_id: str
    window: WindowSpec
    up: tuple[int, int]
    down: tuple[int, int]
    margins: int | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What changed.

    ``by_margins``: whether both have them. Of the stores in both, ``changed`` did in some window,
    ``within_margins`` differ only within them, and ``same`` do not differ. ``most``: the largest
    changes, largest first, out of ``change_count``. ``only_before``, ``only_after``: ids of stores
    that one report has, text.
    """

    by_margins: bool
    changed: int
    within_margins: int
    same: int
    change_count: int
    most: Sequence[Change]
    only_before: pa.Array
    only_after: pa.Array


def compare(
    before: Numbers, after: Numbers, windows: Sequence[WindowSpec], most: int
) -> Comparison:
    """Compare two reports over the same windows; list ``most`` changes.

    No loop runs over stores. A change is beyond the margins if the numbers differ by more than both
    margins together; without margins any difference is a change.
    """
    place = pc.index_in(after.ids, value_set=before.ids)
    new = np.flatnonzero(place.is_valid().to_numpy(zero_copy_only=False))
    old = place.drop_null().to_numpy(zero_copy_only=False).astype(np.int64)
    up, down = after.up[:, new] - before.up[:, old], after.down[:, new] - before.down[:, old]
    largest = np.maximum(np.abs(up), np.abs(down))
    margins = _margins(before, after, old, new)
    beyond = largest > (0 if margins is None else margins)
    units = np.array([window.unit // MINUTE for window in windows])
    listed = _by_size(beyond, largest * units[:, None])
    is_changed, differs = beyond.any(axis=0), largest.any(axis=0)
    return Comparison(
        by_margins=margins is not None,
        changed=int(is_changed.sum()),
        within_margins=int((differs & ~is_changed).sum()),
        same=int((~differs).sum()),
        change_count=int(beyond.sum()),
        most=[
            Change(
                store_id=after.ids[int(new[store])].as_py(),
                window=windows[window],
                up=(int(before.up[window, old[store]]), int(after.up[window, new[store]])),
                down=(int(before.down[window, old[store]]), int(after.down[window, new[store]])),
                margins=None if margins is None else int(margins[window, store]),
            )
            for window, store in listed[:most].tolist()
        ],
        only_before=before.ids.take(pa.array(_others(old, len(before.ids)))),
        only_after=after.ids.take(pa.array(_others(new, len(after.ids)))),
    )


def _margins(
    before: Numbers, after: Numbers, old: NDArray[np.int64], new: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    if before.margin is None or after.margin is None:
        return None
    return before.margin[:, old] + after.margin[:, new]


def _by_size(beyond: NDArray[np.bool_], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (window, store) of each change: largest first, then by store and window."""
    found = np.argwhere(beyond)
    order = np.lexsort((found[:, 0], found[:, 1], -sizes[beyond]))
    return found[order]


def _others(places: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the places below ``count`` that are not among ``places``."""
    others = np.ones(count, np.bool_)
    others[places] = False
    return np.flatnonzero(others)
