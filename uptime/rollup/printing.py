"""A roll-up as CSV."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from uptime.printing.csv import Kind, column_name
from uptime.printing.formulas import defused
from uptime.printing.rounding import hundredths, percentage
from uptime.rollup.summing import STATES, RollUp
from uptime.windows.bounds import AnyWindow

_NAMES = {"up": "uptime", "down": "downtime", "unknown": "unknown", "open": "open"}


def columns(windows: Sequence[AnyWindow]) -> dict[str, Kind]:
    """Return the header of a roll-up over ``windows``, in order, and what each column holds."""
    measures = [*(_NAMES[state] for state in STATES), "uptime_percentage", "coverage_percentage"]
    numbers = [column_name(measure, window) for measure in measures for window in windows]
    header = {"scope": Kind.ID, "stores": Kind.COUNT, **dict.fromkeys(numbers, Kind.NUMBER)}
    for window in windows:
        header[f"worst_store_{window.name}"] = Kind.STORE
    for window in windows:
        header[column_name("worst_uptime_percentage", window)] = Kind.NUMBER
    return header


def print_roll_up(found: RollUp) -> Iterator[bytes]:
    """Yield the CSV in UTF-8, in one piece: a row for each scope."""
    cells = [defused(found.scopes), found.stores.astype(str), *_cells(found)]
    frame = pd.DataFrame(dict(zip(columns(found.windows), cells, strict=True)), dtype="str")
    yield frame.to_csv(index=False, lineterminator="\n").encode()


def _cells(found: RollUp) -> Iterator[Sequence[str] | NDArray[np.object_]]:
    sums = found.sums
    for state in STATES:
        for window, row in zip(found.windows, sums[state], strict=True):
            yield hundredths(row, window.unit)
    yield from map(percentage, sums["up"], sums["up"] + sums["down"])
    yield from map(percentage, sums["covered"], sums["open"])
    yield from map(defused, found.worst.store_ids)
    yield from map(percentage, found.worst.up, found.worst.up + found.worst.down)
