"""What the outages of a store come to: how many, the longest, the mean time to recover."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.outages.finding import WholeOutages


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One item of each array per store: int64[n].

    ``count``: its outages. ``longest``: the most downtime of one. ``recovered``: how many are over;
    ``recovering``: their downtime together. Times are microseconds.
    """

    count: NDArray[np.int64]
    longest: NDArray[np.int64]
    recovered: NDArray[np.int64]
    recovering: NDArray[np.int64]

    @property
    def mean_time_to_recover(self) -> NDArray[np.int64]:
        """Whole microseconds, rounded half up; 0 if none is over."""
        by = np.maximum(self.recovered, 1)
        mean: NDArray[np.int64] = (2 * self.recovering + by) // (2 * by)
        return mean


def figures(outages: WholeOutages, stores: int) -> Figures:
    """Return the figures of ``stores`` stores."""
    count, longest, recovered, recovering = np.zeros((4, stores), dtype=np.int64)
    np.add.at(count, outages.store, 1)
    np.maximum.at(longest, outages.store, outages.lost)
    np.add.at(recovered, outages.store, outages.is_over)
    np.add.at(recovering, outages.store, np.where(outages.is_over, outages.lost, 0))
    return Figures(count=count, longest=longest, recovered=recovered, recovering=recovering)
