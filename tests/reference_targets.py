"""Rules 28 to 31 again, the slow way: fractions, one store and window at a time."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor


@dataclass(frozen=True, kw_only=True)
class Result:
    verdict: str
    least: int
    most: int
    budget: int
    spent: int
    left: int
    burn_rate: str
    at_risk: bool


def judged(  # as many numbers as a window has
    *, up: int, down: int, unknown: int, least: int, most: int, to_come: int, target: str
) -> Result:
    wanted = Fraction(target) / 100
    past = up + down + unknown
    budget = (1 - wanted) * (past + to_come)
    verdict = verdict_of(
        wanted,
        known=up + down,
        # All that is not known goes once to one side, and once to the other.
        worst=share(least, past + to_come),
        best=share(most + unknown + to_come, past + to_come),
    )
    return Result(
        verdict=verdict,
        least=least,
        most=most + unknown,
        budget=floor(budget),
        spent=down,
        left=floor(budget) - down,
        burn_rate=burn_rate(share(down, budget), share(past, past + to_come)),
        at_risk=verdict != "missed" and down > (1 - wanted) * past,
    )


def share(part: int, whole: int | Fraction) -> Fraction | None:
    return Fraction(part) / whole if whole else None


def verdict_of(
    wanted: Fraction, *, known: int, worst: Fraction | None, best: Fraction | None
) -> str:
    if not known or worst is None or best is None:
        return "cannot be told"
    if worst >= wanted:
        return "met"
    return "missed" if best < wanted else "cannot be told"


def burn_rate(spent: Fraction | None, past: Fraction | None) -> str:
    if spent is None or not past:
        return "n/a"
    rate = spent / past
    # Exactly a half, if it is one: a Decimal of 60 digits would round a little less up.
    hundredths = floor(rate * 100 + Fraction(1, 2))
    return str((Decimal(hundredths) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP))


def applying(
    targets: list[tuple[str, str, list[str]]], *, window: str, store_id: str, tags: set[str]
) -> int | None:
    """The place of the target that applies; each is a scope, a percentage and windows."""
    own, tagged, all_ = f"store:{store_id}", {f"tag:{tag}" for tag in tags}, "fleet"
    for scopes in ({own}, tagged, {all_}):
        there = [
            place
            for place, (scope, _, windows) in enumerate(targets)
            if scope in scopes and window in windows
        ]
        if there:
            return max(there, key=lambda place: (Fraction(targets[place][1]), -place))
    return None
