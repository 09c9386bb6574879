"""Random numbers that are the same on every machine and with every version of NumPy.

Each number is a hash of a seed, a label and counters, in integers only. It does not depend on
earlier draws, so any part of a fleet can be generated alone and again.
"""

from hashlib import blake2b

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Typed, so that no operand widens the arithmetic beyond 64 bits.
_WEYL = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_ONE = np.uint64(1)


class Draws:
    """Draws for one seed; counters broadcast against each other like NumPy operands."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def bits(self, label: str, *counters: ArrayLike) -> NDArray[np.uint64]:
        """Return 64 random bits for each combination of counters, at least one-dimensional."""
        digest = blake2b(f"{self._seed} {label}".encode(), digest_size=8).digest()
        state = np.array([int.from_bytes(digest, "little")], np.uint64)
        for counter in counters:
            state = _mixed(state + (np.atleast_1d(counter).astype(np.uint64) + _ONE) * _WEYL)
        return state

    def below(self, limit: int, label: str, *counters: ArrayLike) -> NDArray[np.int64]:
        """Return equally likely whole numbers from 0 to ``limit`` - 1; limit is at most 2**32."""
        high = self.bits(label, *counters) >> np.uint64(32)
        return ((high * np.uint64(limit)) >> np.uint64(32)).astype(np.int64)

    def chance(self, in_10_000: int, label: str, *counters: ArrayLike) -> NDArray[np.bool_]:
        """Return True in that many cases out of ten thousand."""
        return self.below(10_000, label, *counters) < in_10_000


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the finaliser of SplitMix64: every bit of the state moves every bit of the result."""
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))
