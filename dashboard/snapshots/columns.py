"""The columns of a snapshot's table that come from the core, and the week's cells."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from uptime.state.fleet import FleetState
from uptime.state.hours import Hours
from uptime.state.outages import Outages

WINDOWS = ("hour", "day", "week")
MEASURES = ("up", "down", "unknown", "excluded", "open")
QUALITIES = ("covered", "longest_gap", "least_up", "most_up", "margin")

CELL_CLOSED, CELL_EXCLUDED, CELL_UNKNOWN, CELL_UP, CELL_ALL_DOWN = 0, 1, 2, 3, 255


def columns_of(state: FleetState) -> dict[str, pa.Array]:
    """Return one column for each number, in the order of the fleet's stores.

    ``up hour`` and so on: int64 microseconds, for each measure and window. ``cells``: the bytes of
    ``cells_of``. The others have the names of ``Now`` and ``_outages``.
    """
    quality, now = state.summary.quality, state.now
    columns: dict[str, NDArray[np.generic]] = {
        name: getattr(now, name)
        for name in (
            *("is_open", "is_excluded", "turned", "turns", "is_seen", "seen_at", "seen_active"),
            *("since", "down_in_opening"),
        )
    }
    for place, window in enumerate(WINDOWS):
        columns |= {f"{name} {window}": getattr(state.summary, name)[place] for name in MEASURES}
        columns |= {f"{name} {window}": getattr(quality, name)[place] for name in QUALITIES}
    columns |= _outages(state.outages, len(now.is_open))
    arrays = {name: pa.array(column) for name, column in columns.items()}
    cells = np.ascontiguousarray(cells_of(state.hours))
    buffers = [None, pa.py_buffer(cells)]
    kind = pa.binary(cells.shape[1])
    return {**arrays, "cells": pa.Array.from_buffers(kind, len(cells), buffers)}


def cells_of(hours: Hours) -> NDArray[np.uint8]:
    """Return one byte for each store and hour: uint8[n, h].

    0: closed all the time. 1: all of the open time is excluded; what follows is about the rest of
    it. 2: no downtime, and more than half is unknown. 3: no downtime. Above: the share that was
    down, rounded up; 255 is all of it.
    """
    down, unknown = hours.down.astype(np.uint64), hours.unknown.astype(np.uint64)
    counted = down + unknown + hours.up
    whole = np.maximum(counted, 1)
    span = np.uint64(CELL_ALL_DOWN - CELL_UP)
    shares = CELL_UP + (down * span + whole - 1) // whole
    cells = np.where((down == 0) & (unknown * 2 > counted), CELL_UNKNOWN, shares)
    if_none = np.where(hours.excluded > 0, CELL_EXCLUDED, CELL_CLOSED)
    return np.where(counted == 0, if_none, cells).astype(np.uint8)


def _outages(outages: Outages, stores: int) -> dict[str, NDArray[np.generic]]:
    """Return how many outages each store had in the week, and the open time of the longest."""
    longest = np.zeros(stores, dtype=np.int64)
    np.maximum.at(longest, outages.store, outages.lost)
    count = np.bincount(outages.store, minlength=stores).astype(np.int32)
    return {"outages": count, "longest_outage": longest}
