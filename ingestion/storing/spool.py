"""Typed rows on disk, between reading a file and storing it.

A file is read to its end before the database is touched, so that a bad one changes nothing; its
rows wait on disk, not in memory. They come back in groups by a leading column, each small enough
to sort, so that rows are written in the order of the table's index.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

GROUP_ROWS = 500_000


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
        """Append rows, given as equally long columns named as in the dtype."""
        rows = np.empty(len(next(iter(columns.values()))), dtype=self._dtype)
        for name, column in columns.items():
            rows[name] = column
        self._file.write(rows.tobytes())
        self._rows += len(rows)

    def blocks(self) -> Iterator[NDArray[Any]]:
        """Yield the rows in file order, in pieces that fit into memory."""
        for start in range(0, self._rows, GROUP_ROWS):
            yield self._read(self._file, start, min(GROUP_ROWS, self._rows - start))

    def groups(self, by: str, width: int) -> Iterator[NDArray[Any]]:
        """Yield all rows in groups of ascending ``by``, each in file order.

        Rows with equal ``by // width`` are one bucket and never split; besides its first bucket a
        group has fewer than ``GROUP_ROWS`` rows.
        """
        if not self._rows:
            return
        buckets, counts = self._histogram(by, width)
        # A new group starts where the running count enters the next multiple of GROUP_ROWS.
        first = np.flatnonzero(np.diff((np.cumsum(counts) - 1) // GROUP_ROWS, prepend=-1))
        sizes = np.add.reduceat(counts, first)
        if len(sizes) == 1:
            yield self._read(self._file, 0, self._rows)
            return
        ends = np.cumsum(sizes)
        with tempfile.TemporaryFile(prefix="ingestion-") as sorted_file:
            self._sort_into(sorted_file, by, buckets[first] * width, ends - sizes)
            for start, size in zip((ends - sizes).tolist(), sizes.tolist(), strict=True):
                yield self._read(sorted_file, start, size)

    def _histogram(self, by: str, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the existing buckets and the number of rows in each."""
        total: dict[int, int] = {}
        for block in self.blocks():
            buckets, counts = np.unique(block[by] // width, return_counts=True)
            for bucket, count in zip(buckets.tolist(), counts.tolist(), strict=True):
                total[bucket] = total.get(bucket, 0) + count
        ordered = np.array(sorted(total.items()), dtype=np.int64)
        return ordered[:, 0], ordered[:, 1]

    def _sort_into(
        self, target: IO[bytes], by: str, lows: NDArray[np.int64], places: NDArray[np.int64]
    ) -> None:
        """Write each group, which begins at its ``lows`` of ``by``, from its row ``places`` on."""
        place = places.copy()
        for block in self.blocks():
            group = np.searchsorted(lows, block[by], side="right") - 1
            ordered = block[np.argsort(group, kind="stable")]
            counts = np.bincount(group, minlength=len(lows))
            for number in np.flatnonzero(counts):
                end = int(np.sum(counts[: number + 1]))
                target.seek(int(place[number]) * self._dtype.itemsize)
                target.write(ordered[end - counts[number] : end].tobytes())
                place[number] += counts[number]
        target.flush()

    def _read(self, file: IO[bytes], start: int, count: int) -> NDArray[Any]:
        # Read, not mapped: pages of a mapped file would count as this process's memory. With
        # explicit offsets, since threads read at the same time.
        file.flush()
        rows = np.empty(count, self._dtype)
        read = os.preadv(file.fileno(), [rows.view(np.uint8).data], start * self._dtype.itemsize)
        if read != rows.nbytes:
            raise OSError(f"the spool ended after {read} of {rows.nbytes} bytes")
        return rows
