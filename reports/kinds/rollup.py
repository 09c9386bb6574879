"""Kind ``rollup``: a row for the fleet, each time zone and each tag."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from uptime import Fleet, Kind, Question, summarise
from uptime.open_time.clock import Clock
from uptime.rollup.joining import joined
from uptime.rollup.printing import columns, print_roll_up
from uptime.rollup.summing import MEASURES, RollUp, roll_up
from uptime.rollup.worst import Worst


@dataclass(frozen=True, kw_only=True)
class ScopesMeasured:
    """A roll-up."""

    found: RollUp

    @property
    def row_count(self) -> int:
        return len(self.found.scopes)

    def printed(self) -> Iterator[bytes]:
        return print_roll_up(self.found)

    def table(self) -> pa.Table:
        """Return a row for each scope. Sums of a part fit into 63 bits, as its clock does."""
        found, worst = self.found, self.found.worst
        columns = {
            "scope": pa.array(found.scopes, pa.string()),
            "stores": pa.array(found.stores),
        }
        for place, window in enumerate(found.windows):
            for name, sums in found.sums.items():
                columns[f"{name} {window.name}"] = pa.array(sums[place].tolist(), pa.int64())
            ids = worst.store_ids[place].tolist()
            columns[f"worst {window.name}"] = pa.array(ids, pa.string())
            columns[f"worst up {window.name}"] = pa.array(worst.up[place])
            columns[f"worst down {window.name}"] = pa.array(worst.down[place])
        return pa.table(columns)


class RollUpOfScopes:
    """A row for each scope."""

    needs_full = True

    def columns(self, question: Question) -> Mapping[str, Kind]:
        return columns(question.windows)

    def measure(
        self, fleet: Fleet, question: Question, clock: Clock | None = None
    ) -> ScopesMeasured:
        return ScopesMeasured(found=roll_up(fleet, summarise(fleet, question, clock)))

    def joined(self, tables: Sequence[pa.Table], question: Question) -> ScopesMeasured:
        return ScopesMeasured(found=joined([_part(table, question) for table in tables]))


def _part(table: pa.Table, question: Question) -> RollUp:
    return RollUp(
        windows=tuple(question.windows),
        scopes=table["scope"].to_pylist(),
        stores=table["stores"].to_numpy(),
        sums={name: _rows(table, question, name).astype(object) for name in MEASURES},
        worst=Worst(
            store_ids=_rows(table, question, "worst"),
            up=_rows(table, question, "worst up"),
            down=_rows(table, question, "worst down"),
        ),
    )


def _rows(table: pa.Table, question: Question, name: str) -> NDArray[np.generic]:
    return np.stack([table[f"{name} {window.name}"].to_numpy() for window in question.windows])
