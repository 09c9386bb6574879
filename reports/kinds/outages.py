"""Kind ``outages``: a row for each outage of a store that touches the windows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from uptime import Fleet, Kind, Question
from uptime.open_time.clock import Clock
from uptime.outages.finding import WholeOutages, whole_outages
from uptime.outages.printing import COLUMNS, print_outages

# All but the store, which has another number in each part.
_ARRAYS = [field.name for field in fields(WholeOutages) if field.name != "store"]


@dataclass(frozen=True, kw_only=True)
class OutagesMeasured:
    """Outages by store and time; ``store_ids`` in byte order."""

    store_ids: Sequence[str]
    found: WholeOutages

    @property
    def row_count(self) -> int:
        return len(self.found.store)

    def printed(self) -> Iterator[bytes]:
        return print_outages(self.store_ids, self.found)

    def table(self) -> pa.Table:
        """Return a row for each outage."""
        ids = pa.array(self.store_ids, pa.string()).take(pa.array(self.found.store))
        columns = {name: pa.array(getattr(self.found, name)) for name in _ARRAYS}
        return pa.table({"store_id": ids, **columns})


class OutagesOfStores:
    """A row for each outage."""

    needs_full = False

    def columns(self, question: Question) -> Mapping[str, Kind]:  # noqa: ARG002 - the same always
        return COLUMNS

    def measure(
        self, fleet: Fleet, question: Question, clock: Clock | None = None
    ) -> OutagesMeasured:
        found = whole_outages(fleet, question, clock)
        return OutagesMeasured(store_ids=fleet.store_ids, found=found)

    def joined(
        self,
        tables: Sequence[pa.Table],
        question: Question,  # noqa: ARG002 - the parts say it all
    ) -> OutagesMeasured:
        table = pa.concat_tables(tables).combine_chunks()
        # As Python's texts: NumPy's own drop NUL at the end, and sort no other way.
        ids = table["store_id"].to_pylist()
        store_ids = sorted(set(ids))
        number = {store_id: place for place, store_id in enumerate(store_ids)}
        store = np.array([number[store_id] for store_id in ids], dtype=np.int64)
        arrays = {name: table[name].to_numpy() for name in _ARRAYS}
        order = np.lexsort((arrays["start"], store))
        found = {name: values[order] for name, values in arrays.items()}
        return OutagesMeasured(store_ids=store_ids, found=WholeOutages(store=store[order], **found))
