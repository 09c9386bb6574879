"""Outages as CSV."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from uptime.outages.figures import figures
from uptime.outages.finding import WholeOutages
from uptime.printing.csv import Kind
from uptime.printing.formulas import defused
from uptime.printing.rounding import NOT_AVAILABLE, hundredths
from uptime.windows.elapsed import MINUTE

COLUMNS = {
    "store_id": Kind.ID,
    "from": Kind.INSTANT,
    "to": Kind.INSTANT,
    "downtime(in minutes)": Kind.NUMBER,
    "downtime_in_windows(in minutes)": Kind.NUMBER,
    "went_down_after": Kind.INSTANT,
    "went_down_by": Kind.INSTANT,
    "came_up_after": Kind.INSTANT,
    "came_up_by": Kind.INSTANT,
    "outages_of_store": Kind.COUNT,
    "longest_of_store(in minutes)": Kind.NUMBER,
    "mean_time_to_recover(in minutes)": Kind.NUMBER,
}
_ROWS_AT_ONCE = 50_000


def print_outages(store_ids: Sequence[str], outages: WholeOutages) -> Iterator[bytes]:
    """Yield the CSV in UTF-8, piece by piece: a row for each outage, in their order.

    An outage that is not over has no ``to``, and one whose first or last poll has none before or
    after it no ``went_down_after`` or ``came_up_by``.
    """
    named = np.array(defused(store_ids), dtype=object)
    of_stores = _of_stores(outages, len(store_ids))
    for start in range(0, max(len(outages.store), 1), _ROWS_AT_ONCE):
        piece = slice(start, start + _ROWS_AT_ONCE)
        store = outages.store[piece]
        cells = [
            named[store],
            instants(outages.start[piece]),
            instants(np.where(outages.is_over, outages.end, 0)[piece]),
            hundredths(outages.lost[piece], MINUTE),
            hundredths(outages.lost_in_windows[piece], MINUTE),
            instants(outages.start_after[piece]),
            instants(outages.start_by[piece]),
            instants(outages.end_after[piece]),
            instants(outages.end_by[piece]),
            *(column[store] for column in of_stores),
        ]
        frame = pd.DataFrame(dict(zip(COLUMNS, cells, strict=True)), dtype="str")
        yield frame.to_csv(index=False, header=start == 0, lineterminator="\n").encode()


def _of_stores(outages: WholeOutages, stores: int) -> list[NDArray[np.object_]]:
    found = figures(outages, stores)
    recovery = hundredths(found.mean_time_to_recover, MINUTE)
    recovery[found.recovered == 0] = NOT_AVAILABLE
    return [found.count.astype(str).astype(object), hundredths(found.longest, MINUTE), recovery]


def instants(at: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return microseconds in RFC 3339, "" for 0: text, object[n]."""
    texts = np.datetime_as_string(at.astype("datetime64[us]"), unit="us", timezone="UTC")
    found: NDArray[np.object_] = np.where(at == 0, "", texts.astype(object))
    return found
