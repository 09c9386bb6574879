"""Typed rows on disk between reading a file and storing it.

A file is read to its end before the database is touched, so that a bad one changes nothing;
the rows wait here and not in memory. They come back in groups by a leading column, each small
enough to sort, so that what is written is in the order of the table's index.
"""

import tempfile
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

GROUP_ROWS = 1_000_000


class Spool:
    """Rows of one structured dtype in an unnamed temporary file, which the system frees."""

    def __init__(self, dtype: Mapping[str, str]) -> None:
        self._dtype = np.dtype(list(dtype.items()))
        self._file = tempfile.TemporaryFile(prefix="ingestion-")  # noqa: SIM115 - closed by exit
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._rows

    def append(self, columns: Mapping[str, NDArray[Any]]) -> None:
        """Add rows, given as equally long columns named as in the dtype."""
        rows = np.empty(len(next(iter(columns.values()))), dtype=self._dtype)
        for name, column in columns.items():
            rows[name] = column
        self._file.write(rows.tobytes())
        self._rows += len(rows)

    def groups(self, by: str, width: int) -> Iterator[NDArray[Any]]:
        """Yield all rows in groups of ascending ``by``, each in the order of the file.

        Rows whose ``by // width`` is equal are one bucket and never parted; beside its first
        bucket a group holds fewer than ``GROUP_ROWS`` rows.
        """
        if not self._rows:
            return
        self._file.flush()
        stored = np.memmap(self._file, dtype=self._dtype, mode="r")
        buckets, counts = self._histogram(stored, by, width)
        # A new group starts where the running count enters the next multiple of GROUP_ROWS.
        group = (np.cumsum(counts) - 1) // GROUP_ROWS
        first = np.flatnonzero(np.diff(group, prepend=-1))
        edges = np.append(buckets[first] * width, (buckets[-1] + 1) * width)
        for low, high in pairwise(edges):
            yield self._between(stored, by, low, high)

    def _histogram(
        self, stored: NDArray[Any], by: str, width: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the buckets that occur and how many rows each holds."""
        total: dict[int, int] = {}
        for block in self._blocks(stored):
            buckets, counts = np.unique(block[by] // width, return_counts=True)
            for bucket, count in zip(buckets.tolist(), counts.tolist(), strict=True):
                total[bucket] = total.get(bucket, 0) + count
        ordered = sorted(total.items())
        return np.array(ordered, dtype=np.int64)[:, 0], np.array(ordered, dtype=np.int64)[:, 1]

    def _between(self, stored: NDArray[Any], by: str, low: int, high: int) -> NDArray[Any]:
        """Return the rows with ``low <= by < high``."""
        return np.concatenate(
            [block[(block[by] >= low) & (block[by] < high)] for block in self._blocks(stored)]
        )

    @staticmethod
    def _blocks(stored: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """Yield the stored rows in pieces, so that masks over them stay small."""
        for start in range(0, len(stored), GROUP_ROWS):
            yield np.asarray(stored[start : start + GROUP_ROWS])
