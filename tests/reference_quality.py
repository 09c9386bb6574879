"""Rules 13 to 17 again, the slow way, one store and window at a time."""

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Context, Decimal
from itertools import pairwise

from tests.reference import (
    DAY,
    HOUR,
    Poll,
    Share,
    Store,
    evidence_of,
    open_intervals,
    share_of,
)

EXACT = Context(prec=80)
Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Quality:
    """The quality of a window; all in microseconds of open time."""

    covered: int
    longest_gap: int
    least_up: int
    most_up: int
    margin: int


def assess_store(
    store: Store,
    *,
    as_of: int,
    windows: list[Span],
    look_back: int = DAY,
    max_gap: int | None = None,
    fresh: int = HOUR,
) -> list[Quality]:
    """The quality of each window ``[start, end)``; none ends after ``as_of``."""
    start = min(window[0] for window in windows) - look_back
    intervals = open_intervals(store, start, as_of)
    evidence = evidence_of(store, intervals, start, as_of)
    return [quality_of(store, window, intervals, evidence, max_gap, fresh) for window in windows]


def quality_of(
    store: Store,
    window: Span,
    intervals: list[Span],
    evidence: list[Poll],
    max_gap: int | None,
    fresh: int,
) -> Quality:
    whole = share_of(store, window, intervals, evidence, max_gap)
    near = share_of(replace(store, silences=[]), window, intervals, evidence, fresh)
    doubtful = [
        share_of(store, within(window, (a.at, b.at)), intervals, evidence, max_gap)
        for a, b in pairwise(evidence)
        if a.active != b.active
    ]
    least = whole.up - sum(share.up for share in doubtful)
    most = whole.up + sum(share.down for share in doubtful)
    return Quality(
        covered=near.up + near.down,
        longest_gap=longest_gap(store, window, intervals, evidence),
        least_up=least,
        most_up=most,
        margin=min(deviations(doubtful), max(whole.up - least, most - whole.up)),
    )


def within(window: Span, span: Span) -> Span:
    return max(window[0], span[0]), min(window[1], span[1])


def longest_gap(store: Store, window: Span, intervals: list[Span], evidence: list[Poll]) -> int:
    """The most time that counts between neighbours, the ends of the window being two of them."""
    inside = [poll.at for poll in evidence if window[0] <= poll.at < window[1]]
    return max(
        share_of(store, gap, intervals, [], None).counted
        for gap in pairwise([window[0], *inside, window[1]])
    )


def deviations(doubtful: list[Share]) -> int:
    """1.96 standard deviations, if a change is equally likely anywhere in the known time."""
    squares = sum((share.up + share.down) ** 2 for share in doubtful)
    deviation = EXACT.sqrt(EXACT.divide(Decimal(squares), Decimal(12)))
    margin = EXACT.multiply(Decimal("1.96"), deviation)
    return int(margin.to_integral_value(ROUND_CEILING))


def percentage(part: int, whole: int) -> str:
    """Cut off after two decimals; "n/a" without a whole."""
    if not whole:
        return "n/a"
    hundredths = part * 100 * 100 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d}"
