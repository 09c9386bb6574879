"""Rule 26 again, the slow way, one store at a time."""

from dataclasses import dataclass
from itertools import pairwise

from tests.reference import (
    DAY,
    Poll,
    Store,
    doubled_distance,
    evidence_of,
    is_open,
    open_intervals,
    possible_changes,
    status_at,
)

Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Outage:
    """One outage of one store; None for an end, a poll or a beginning that there is not."""

    start: int
    end: int | None
    lost: int
    lost_in_windows: int
    went_down: tuple[int | None, int]
    came_up: tuple[int, int | None]


def outages_of_store(
    store: Store,
    *,
    as_of: int,
    windows: list[Span],
    look_back: int = DAY,
    max_gap: int | None = None,
) -> list[Outage]:
    """The outages between the first window's start and the last one's end."""
    begin = min(start for start, _ in windows)
    intervals = open_intervals(store, begin - look_back, as_of)
    evidence = evidence_of(store, intervals, begin - look_back, as_of)
    states = known_states(store, intervals, evidence, (begin - look_back, as_of), max_gap)
    span = (begin, max(end for _, end in windows))
    found = [outage(pieces, over, evidence, span) for pieces, over in downs(states)]
    return [one for one in found if one.lost_in_windows]


def known_states(
    store: Store,
    intervals: list[Span],
    evidence: list[Poll],
    span: Span,
    max_gap: int | None,
) -> list[tuple[str, int, int]]:
    """Every piece of open time that is up or down, in order."""
    nothing_said = store.silences + store.exclusions
    cuts = possible_changes(evidence, max_gap) | {edge for one in nothing_said for edge in one}
    states = []
    for opens, closes in intervals:
        start, end = max(opens, span[0]), min(closes, span[1])
        edges = sorted({start, end} | {at for at in cuts if start < at < end})
        states += [
            (status_at(a, evidence, max_gap), a, b)
            for a, b in pairwise(edges)
            if start < end and not is_open(a, nothing_said)
        ]
    return [piece for piece in states if piece[0] != "unknown"]


def downs(states: list[tuple[str, int, int]]) -> list[tuple[list[Span], bool]]:
    """The pieces of each outage, and whether the store was up again."""
    found: list[tuple[list[Span], bool]] = []
    pieces: list[Span] = []
    for state, start, end in states:
        if state == "down":
            pieces.append((start, end))
        elif pieces:
            found.append((pieces, True))
            pieces = []
    return [*found, (pieces, False)] if pieces else found


def outage(pieces: list[Span], over: bool, evidence: list[Poll], span: Span) -> Outage:
    start, end = pieces[0][0], pieces[-1][1]
    first = nearest(start, evidence)
    while first > 0 and not evidence[first - 1].active:
        first -= 1
    last = nearest(end - 1, evidence)
    while last + 1 < len(evidence) and not evidence[last + 1].active:
        last += 1
    return Outage(
        start=start,
        end=end if over else None,
        lost=sum(b - a for a, b in pieces),
        lost_in_windows=sum(max(min(b, span[1]) - max(a, span[0]), 0) for a, b in pieces),
        went_down=(evidence[first - 1].at if first else None, evidence[first].at),
        came_up=(
            evidence[last].at,
            evidence[last + 1].at if last + 1 < len(evidence) else None,
        ),
    )


def nearest(at: int, evidence: list[Poll]) -> int:
    """The place of the poll that an instant takes its status from (rule 7)."""
    return min(
        range(len(evidence)),
        key=lambda place: (doubled_distance(at, evidence[place]), -evidence[place].at),
    )
