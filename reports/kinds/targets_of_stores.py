"""Kind ``targets``: a row for each store and window that has a target (rules 28 to 31)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from uptime import AnyWindow, Fleet, Kind, Question, summarise
from uptime.open_time.clock import Clock
from uptime.targets.judging import Measured
from uptime.targets.printing import COLUMNS, print_targets
from uptime.targets.results import Results, judged

_MEASURES = tuple(field.name for field in fields(Measured))
_COLUMNS = ("window", "target", "excluded", *_MEASURES)


@dataclass(frozen=True, kw_only=True)
class TargetsMeasured:
    """Results by store in byte order of the ids, and by window.

    ``store_ids``: that of each. ``excluded``: int64[r], microseconds of open time left out of each.
    """

    store_ids: Sequence[str]
    results: Results
    excluded: NDArray[np.int64]
    question: Question

    @property
    def row_count(self) -> int:
        return len(self.results)

    def excluded_time(self) -> Sequence[tuple[int, int]]:
        opened = self.results.measured.open + self.excluded
        rows = [self.results.window == place for place in range(len(self.question.windows))]
        # The time of a whole fleet does not fit into 64 bits.
        return [
            (int(np.sum(opened[one], dtype=object)), int(np.sum(self.excluded[one], dtype=object)))
            for one in rows
        ]

    def printed(self) -> Iterator[bytes]:
        asked = self.question
        return print_targets(self.store_ids, asked.targets, texts_of(asked.windows), self.results)

    def table(self) -> pa.Table:
        results = self.results
        measures = {name: pa.array(getattr(results.measured, name)) for name in _MEASURES}
        return pa.table(
            {
                "store_id": pa.array(self.store_ids, pa.string()),
                "window": pa.array(results.window),
                "target": pa.array(results.target),
                "excluded": pa.array(self.excluded),
                **measures,
            }
        )


class TargetsOfStores:
    """A row for each store and window that has a target."""

    needs_full = True

    def columns(self, question: Question) -> Mapping[str, Kind]:  # noqa: ARG002 - as every kind
        return COLUMNS

    def measure(
        self, fleet: Fleet, question: Question, clock: Clock | None = None
    ) -> TargetsMeasured:
        summary = summarise(fleet, question, clock)
        results = judged(question.targets, fleet, question, summary)
        store_ids = [fleet.store_ids[place] for place in results.store.tolist()]
        excluded = summary.excluded[results.window, results.store]
        return TargetsMeasured(
            store_ids=store_ids, results=results, excluded=excluded, question=question
        )

    def joined(self, tables: Sequence[pa.Table], question: Question) -> TargetsMeasured:
        table = pa.concat_tables(tables).combine_chunks()
        table = table.sort_by([("store_id", "ascending"), ("window", "ascending")])
        columns = {name: table[name].to_numpy() for name in _COLUMNS}
        results = Results.judged(
            question.targets,
            store=np.arange(len(table)),
            window=columns["window"],
            target=columns["target"],
            measured=Measured(**{name: columns[name] for name in _MEASURES}),
        )
        return TargetsMeasured(
            store_ids=table["store_id"].to_pylist(),
            results=results,
            excluded=columns["excluded"],
            question=question,
        )


def texts_of(windows: Sequence[AnyWindow]) -> list[str]:
    """Return the texts of the windows."""
    return [getattr(window, "text", "") for window in windows]
