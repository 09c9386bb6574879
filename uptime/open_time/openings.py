"""Openings before they are merged."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Openings:
    """Openings ``[start, end)`` of stores, neither cut to a horizon nor merged; some are empty.

    All are int64 of one shape: ``row`` is the index of the row that makes an opening, ``start`` and
    ``end`` are microseconds of UTC.
    """

    row: NDArray[np.int64]
    store: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
