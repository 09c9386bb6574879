"""Stores of the reference as a fleet of the core."""

from collections.abc import Sequence

import numpy as np

from tests.reference import Store
from tests.unit.uptime.notation import hours_columns, poll_columns
from uptime import Fleet, parse_windows


def fleet_of(stores: Sequence[Store], ids: Sequence[str] | None = None) -> Fleet:
    names = sorted({store.time_zone for store in stores if store.time_zone is not None})
    zones = [names.index(s.time_zone) if s.time_zone else -1 for s in stores]
    return Fleet(
        store_ids=ids or [f"store {n}" for n in range(len(stores))],
        time_zones=np.array(zones, dtype=np.int32),
        zone_names=names,
        hours=hours_columns(stores),
        polls=poll_columns(stores),
    )


def bounds(text: str, *, as_of: int, zones: list[str | None]) -> list[tuple[int, int]]:
    fleet = fleet_of([Store(time_zone=zone) for zone in zones])
    found = fleet.bounds(as_of=as_of, windows=parse_windows([text]))
    return list(zip(found.start[0].tolist(), found.end[0].tolist(), strict=True))
