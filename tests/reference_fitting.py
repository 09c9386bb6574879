"""Rule 32 again, the slow way: one store, one edge, one new time and one opening at a time."""

from collections import defaultdict
from datetime import timedelta

from tests.reference import (
    DAY,
    DEFAULT_ZONE,
    HOUR,
    MINUTE,
    Store,
    local_dates,
    merged,
    open_intervals,
    opening_of,
    zone,
)

QUARTER = 15 * MINUTE
Span = tuple[int, int]


def suggested(store: Store, as_of: int) -> set[tuple[str, int, int, int, int, tuple[int, ...]]]:
    """Edge, the old and the new time of day, in how many of how many openings, and the weekdays."""
    found = set()
    for edge in ("opens", "closes"):
        groups = defaultdict(list)
        for weekday, wall, span in openings(store, as_of, edge):
            groups[wall].append((weekday, span))
        for wall, group in groups.items():
            found |= set(best(store, as_of, edge, wall, group))
    return found


def openings(store: Store, as_of: int, edge: str) -> list[tuple[int, int, Span]]:
    """Weekday, time of day of the edge, start and end of each whole opening that is alone."""
    where = zone(store.time_zone or DEFAULT_ZONE)
    begin = as_of - 8 * DAY
    whole = merged(open_intervals(store, begin - 3 * DAY, as_of + 3 * DAY)) if store.hours else []
    found = []
    for day in local_dates(begin, as_of, where):
        for row in set(store.hours):
            span = opening_of(day, row, where)
            inside = begin <= span[0] < span[1] <= as_of
            if row.weekday == day.weekday() and inside and span in whole:
                time = getattr(row, edge)
                since = timedelta(hours=time.hour, minutes=time.minute, seconds=time.second)
                wall = since // timedelta(microseconds=1) + time.microsecond
                found.append((row.weekday, wall, span))
    return found


def best(store, as_of, edge, wall, group):
    """Yield the new time that fits most, the smallest of them, if it fits enough."""
    ranked = []
    for quarters in range(3, 25):
        shift = quarters * QUARTER
        verdicts = [(day, verdict(store, as_of, edge, span, shift)) for day, span in group]
        judged = [(day, said) for day, said in verdicts if said is not None]
        fits = sum(said for _, said in judged)
        if len(judged) >= 5 and 5 * fits >= 4 * len(judged):
            ranked.append((-fits, shift, len(judged), judged))
    if not ranked:
        return
    fits, shift, of, judged = min(ranked)
    days = tuple(
        day
        for day in range(7)
        if 2 * sum(said for d, said in judged if d == day) > sum(d == day for d, _ in judged)
    )
    late = DAY if edge == "closes" and wall >= DAY - MINUTE else wall
    new = (late + shift if edge == "opens" else late - shift) % DAY
    if days:
        yield edge, wall, new, -fits, of, days


def verdict(store, as_of, edge, span, shift):
    """Whether a move fits an opening; None if that cannot be judged."""
    start, end = span
    polls = sorted((p for p in store.polls if start <= p.at < end), key=lambda poll: poll.at)
    inwards = [(p.at - start, p.active) for p in polls if p.at <= as_of]
    if edge == "closes":
        inwards = [(end - p.at, p.active) for p in reversed(polls)]
    active = [distance for distance, up in inwards if up]
    if not active or inwards[0][0] >= shift or 2 * shift >= end - start:
        return None
    before = [distance for distance, _ in inwards if distance < active[0]]
    return bool(
        before
        and 30 * MINUTE <= before[-1] < shift <= active[0]
        and active[0] - before[-1] <= 3 * HOUR
    )
