"""The number of stores the core can compute at once, and fleets cut into such pieces."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from uptime import BusinessHours, Fleet, Polls, Quality, UptimeSummary

# The core counts stores times microseconds, twice, in 63 bits.
_AXIS = 1 << 61


def most_stores(length: int) -> int:
    """Return how many stores can be computed at once over that many microseconds."""
    return max(_AXIS // length, 1)


def pieces(fleet: Fleet, most: int) -> Iterator[Fleet]:
    """Yield the stores of a fleet in order, at most ``most`` at a time; at least one piece."""
    count = len(fleet.store_ids)
    if count <= most:
        yield fleet
        return
    for first in range(0, count, most):
        yield _piece(fleet, first, min(first + most, count))


def joined(summaries: Sequence[UptimeSummary]) -> UptimeSummary:
    """Return the summaries of all pieces as one, with the stores in the same order."""
    qualities = [one.quality for one in summaries if one.quality is not None]
    quality = Quality(**_side_by_side(qualities)) if qualities else None
    measures = {**_side_by_side(summaries), "windows": summaries[0].windows, "quality": quality}
    return UptimeSummary(**measures)


def _side_by_side(parts: Sequence[Any]) -> dict[str, Any]:
    """Return the arrays of all parts by name, joined along stores, their last axis."""
    return {
        field.name: np.concatenate([getattr(part, field.name) for part in parts], axis=-1)
        for field in fields(parts[0])
        if isinstance(getattr(parts[0], field.name), np.ndarray)
    }


def _piece(fleet: Fleet, first: int, end: int) -> Fleet:
    hours, polls = fleet.hours, fleet.polls
    of_hours = (hours.store >= first) & (hours.store < end)
    of_polls = (polls.store >= first) & (polls.store < end)
    return Fleet(
        store_ids=fleet.store_ids[first:end],
        time_zones=fleet.time_zones[first:end],
        zone_names=fleet.zone_names,
        hours=BusinessHours(
            store=hours.store[of_hours] - first,
            weekday=hours.weekday[of_hours],
            opens=hours.opens[of_hours],
            closes=hours.closes[of_hours],
        ),
        polls=Polls(
            store=polls.store[of_polls] - first,
            at=polls.at[of_polls],
            active=polls.active[of_polls],
        ),
        special_days=fleet.special_days.of_stores(first, end),
        exclusions=fleet.exclusions.of_stores(first, end),
        silences=fleet.silences.of_stores(first, end),
        tags={
            tag: stores[(stores >= first) & (stores < end)] - first
            for tag, stores in fleet.tags.items()
        },
    )
