"""Partitions that a load creates: filled while invisible, then indexed and attached.

Building an index over existing rows takes a third of the time of maintaining it row by row, and
there are no existing rows to conflict with.
"""

from collections.abc import Iterator

import numpy as np

from fleet.polls import partitions
from fleet.polls.columns import Columns
from fleet.polls.partitions import Leaf


class NewPartitions:
    """The leaves that this transaction created and has not attached yet."""

    def __init__(self) -> None:
        self._leaves: dict[int, Leaf] = {}

    def tables(self, polls: Columns) -> Iterator[tuple[str, Columns]]:
        """Yield the tables that polls belong to, each with its rows.

        Calls should ascend in time: leaves before the first poll are considered complete.
        """
        numbers = partitions.leaf_numbers(polls["polled_at"], polls["store"])
        needed = np.unique(numbers).tolist()
        self._attach([leaf for leaf in self._leaves if leaf < needed[0]])
        self._create([number for number in needed if number not in self._leaves])
        filled = [number for number in needed if number in self._leaves]
        for number in filled:
            yield self._leaves[number].table, _rows(polls, numbers == number)
        if len(filled) < len(needed):
            yield partitions.TABLE, _rows(polls, ~np.isin(numbers, filled))

    def attach(self) -> None:
        """Attach everything that was created to the table."""
        self._attach(list(self._leaves))

    def _create(self, numbers: list[int]) -> None:
        leaves = {Leaf.numbered(number): number for number in numbers}
        for leaf in partitions.create_missing(list(leaves)):
            self._leaves[leaves[leaf]] = leaf

    def _attach(self, numbers: list[int]) -> None:
        for number in sorted(numbers):
            partitions.attach(self._leaves.pop(number))


def _rows(polls: Columns, wanted: np.ndarray) -> Columns:
    if wanted.all():
        return polls
    return {name: column[wanted] for name, column in polls.items()}
