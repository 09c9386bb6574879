"""Whether targets are met, and their error budgets (rules 29 to 31)."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from uptime.targets.target import WHOLE

Micros = NDArray[np.int64]


class Verdict(IntEnum):
    """What the evidence says of a target."""

    MISSED = 0
    CANNOT_BE_TOLD = 1
    MET = 2

    @property
    def text(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The uptime of some stores, each in one window: int64[n] microseconds of open time.

    ``least`` and ``most`` are the bounds of rule 16. ``to_come``: the open time of the window after
    as of.
    """

    open: Micros
    up: Micros
    down: Micros
    unknown: Micros
    least: Micros
    most: Micros
    to_come: Micros

    def at(self, places: NDArray[np.int64]) -> Self:
        """Return the stores at these places."""
        return type(self)(**{name: column[places] for name, column in vars(self).items()})


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What targets come to; arrays of n items.

    ``verdict``: int8, a ``Verdict``. ``least``, ``most``: int64 microseconds, the bounds with the
    unknown time. ``budget``, ``spent``, ``left``: int64 microseconds; ``left`` is negative once
    more is spent. ``burn_rate``: int64 hundredths, rounded half up, -1 if there is none.
    ``at_risk``: bool, more is spent than the time that is past allows, but it is not yet missed.
    ``on_track``: bool, the time that is past meets the target by itself, whatever is unknown of it.
    """

    verdict: NDArray[np.int8]
    least: Micros
    most: Micros
    budget: Micros
    spent: Micros
    left: Micros
    burn_rate: Micros
    at_risk: NDArray[np.bool_]
    on_track: NDArray[np.bool_]

    def at(self, places: NDArray[np.int64]) -> Self:
        """Return the judgements at these places."""
        return type(self)(**{name: column[places] for name, column in vars(self).items()})

    def worst_first(self) -> NDArray[np.int64]:
        """Return all places: those missed, at risk, in doubt otherwise, and those on track.

        Among each those with the least left come first.
        """
        missed = self.verdict == Verdict.MISSED
        return np.lexsort((self.left, self.on_track, ~self.at_risk, ~missed))

    def bad(self) -> NDArray[np.int64]:
        """Return the places of those not on track, the worst first."""
        order = self.worst_first()
        return order[~self.on_track[order]]


def judge(measured: Measured, hundredths: Micros) -> Judgement:
    """Judge stores by targets, ``hundredths``: int64[n] of a percent.

    All is exact in 64 bits for windows of up to 29 years.
    """
    verdict, least, most = _verdict(measured, hundredths)
    allowed = WHOLE - hundredths
    budget = allowed * (measured.open + measured.to_come) // WHOLE
    spent = measured.down
    # The share of the budget that is spent, over the share of the open time that is past: the
    # whole window is a factor of both.
    pace, share = spent * WHOLE, allowed * measured.open
    return Judgement(
        verdict=verdict,
        least=least,
        most=most,
        budget=budget,
        spent=spent,
        left=budget - spent,
        burn_rate=np.where(share > 0, _hundredths(pace, share), -1),
        at_risk=(pace > share) & (verdict != Verdict.MISSED),
        on_track=least * WHOLE >= hundredths * measured.open,
    )


def _verdict(measured: Measured, hundredths: Micros) -> tuple[NDArray[np.int8], Micros, Micros]:
    # Time that is unknown, or still to come, may be up or down: a target is met only if it is met
    # with all of that down, and missed only if it is missed with all of it up.
    whole = measured.open + measured.to_come
    least, most = measured.least, measured.most + measured.unknown
    needed = hundredths * whole
    is_known = measured.up + measured.down > 0
    verdict = np.full(len(whole), Verdict.CANNOT_BE_TOLD, dtype=np.int8)
    verdict[is_known & (least * WHOLE >= needed)] = Verdict.MET
    verdict[is_known & ((most + measured.to_come) * WHOLE < needed)] = Verdict.MISSED
    return verdict, least, most


def _hundredths(part: Micros, whole: Micros) -> Micros:
    """Return 100 times ``part / whole``, rounded half up; a whole of 0 is taken as 1."""
    # Digit by digit: a hundred times a part would not fit into 64 bits.
    whole = np.maximum(whole, 1)
    found, rest = part // whole, part % whole
    for _ in range(2):
        found, rest = found * 10 + rest * 10 // whole, rest * 10 % whole
    return found + (rest * 2 >= whole)
