"""Hours that would fit what was polled (rule 32)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.selection import sort_polls
from uptime.fitting.edges import Edges, closing_edges, opening_edges, whole_openings
from uptime.fleet import Fleet
from uptime.question import Question
from uptime.windows.elapsed import DAY, HOUR, MINUTE, Window

# How far back openings are looked at.
REACH = 8 * DAY
FEWEST = 5
# At least four openings in five.
_SHARE = (4, 5)
_STEP = 15 * MINUTE
# A poll found the store inactive this far inside.
_SHORTEST = 30 * MINUTE
_SHIFTS = range(_SHORTEST + _STEP, 6 * HOUR + 1, _STEP)
# A change between two polls that are further apart says little of when it was.
_WIDEST = 3 * HOUR


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One edge of a store's hours that should move inwards.

    ``edge``: ``opens`` or ``closes``. ``was`` and ``fits``: microseconds since local midnight.
    ``rows``: places in the fleet's hours. ``seen``: in how many of ``of`` openings polls found the
    store inactive up to the new edge and active from there on.
    """

    store: int
    edge: str
    was: int
    fits: int
    rows: tuple[int, ...]
    seen: int
    of: int


def question_of_hours(as_of: int) -> Question:
    """Return the question whose polls and openings are looked at."""
    window = Window(name="hours", start=as_of - REACH, end=as_of)
    return Question(as_of=as_of, windows=(window,), look_back=0)


def suggestions(fleet: Fleet, as_of: int) -> list[Suggestion]:
    """Return the edges that look wrong, by store; at most one for each store, edge and time.

    No loop runs over stores or polls. Raises ``ValueError`` as ``summarise``.
    """
    question = question_of_hours(as_of)
    horizon, clock = fleet.horizon(question), fleet.open_time(question)
    first = np.full(len(fleet.store_ids), question.first_poll)
    polls = sort_polls(fleet.polls, horizon, first)
    openings = whole_openings(fleet, clock, horizon)
    found = [
        *_moved(fleet, opening_edges(openings, polls), "opens"),
        *_moved(fleet, closing_edges(openings, polls), "closes"),
    ]
    return sorted(found, key=lambda one: (one.store, one.edge != "opens", one.was))


def fitted(fleet: Fleet, store: int, found: Iterable[Suggestion]) -> list[tuple[int, int, int]]:
    """Return the rows of a store as they would be with its suggestions: weekday, opens, closes."""
    hours = fleet.hours
    moved = {(row, one.edge): one.fits for one in found if one.store == store for row in one.rows}
    return [
        (
            int(hours.weekday[row]),
            moved.get((row, "opens"), int(hours.opens[row])),
            moved.get((row, "closes"), int(hours.closes[row])),
        )
        for row in np.flatnonzero(hours.store == store).tolist()
    ]


def _moved(fleet: Fleet, edges: Edges, edge: str) -> Iterator[Suggestion]:
    """Yield the suggestions for one of the two edges."""
    hours = fleet.hours
    walls: NDArray[np.int64] = getattr(hours, edge)
    # Rows of a store with the same time of day are looked at together, day after day.
    groups, group = np.unique(hours.store.astype(np.int64) * DAY + walls, return_inverse=True)
    of_opening = group[edges.row]
    counts = [_counts(edges, of_opening, len(groups), shift) for shift in _SHIFTS]
    seen = np.array([one for one, _ in counts]).reshape(len(counts), len(groups))
    judged = np.array([one for _, one in counts]).reshape(len(counts), len(groups))
    times, by = _SHARE
    fits = (judged >= FEWEST) & (seen * by >= judged * times)
    # The shift that most openings agree with; of equal ones the smallest.
    best = np.argmax(np.where(fits, seen, -1), axis=0)
    for number in np.flatnonzero(fits.any(axis=0)).tolist():
        shift = _SHIFTS[int(best[number])]
        rows = _rows(edges, of_opening == number, shift)
        if rows:
            store, was = divmod(int(groups[number]), DAY)
            moved = was + shift if edge == "opens" else midnight_as_24(was) - shift
            yield Suggestion(
                store=store,
                edge=edge,
                was=was,
                fits=moved % DAY,
                rows=rows,
                seen=int(seen[best[number], number]),
                of=int(judged[best[number], number]),
            )


def midnight_as_24(closes: int) -> int:
    """Return a closing time; the last minute of a day means midnight (rule 3)."""
    return DAY if closes >= DAY - MINUTE else closes


def _counts(
    edges: Edges, group: NDArray[np.int64], groups: int, shift: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each group how many openings agree with a shift, and how many can be judged."""
    agrees, judged = _agreeing(edges, shift)
    return (
        np.bincount(group[agrees], minlength=groups),
        np.bincount(group[judged], minlength=groups),
    )


def _agreeing(edges: Edges, shift: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    # Without a poll outside the new hours, or an active one inside, an opening says nothing.
    judged = (edges.first < shift) & (edges.active < edges.length) & (2 * shift < edges.length)
    is_near = edges.active - edges.inactive <= _WIDEST
    late = (edges.inactive >= _SHORTEST) & (edges.inactive < shift) & (edges.active >= shift)
    return judged & late & is_near, judged


def _rows(edges: Edges, own: NDArray[np.bool_], shift: int) -> tuple[int, ...]:
    """Return the rows of a group most of whose openings agree; other weekdays stay."""
    agrees, judged = _agreeing(edges, shift)
    rows, place = np.unique(edges.row[own], return_inverse=True)
    agreeing = np.bincount(place, agrees[own], minlength=len(rows))
    of = np.bincount(place, judged[own], minlength=len(rows))
    return tuple(rows[2 * agreeing > of].tolist())
