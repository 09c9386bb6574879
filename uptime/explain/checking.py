"""Explanations against the numbers that a report adds up, to the microsecond."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from uptime.explain.explaining import explain
from uptime.explain.explanation import ExplainedWindow
from uptime.explain.stores import each_store
from uptime.fleet import Fleet
from uptime.question import Question
from uptime.summary import UptimeSummary


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A number of a report that an explanation does not reach. ``place``: of the window."""

    store_id: str
    place: int
    measure: str
    reported: int
    explained: int


def differences(fleet: Fleet, question: Question, summary: UptimeSummary) -> Iterator[Difference]:
    """Explain each store in each window; yield every number that differs from the report's."""
    for store, alone in enumerate(each_store(fleet)):
        explanation = explain(alone, question)
        for place, window in enumerate(explanation.windows):
            for measure, explained in _told(window).items():
                reported = int(getattr(summary, measure)[place, store])
                if reported != explained:
                    yield Difference(
                        store_id=explanation.store_id,
                        place=place,
                        measure=measure,
                        reported=reported,
                        explained=explained,
                    )


def _told(window: ExplainedWindow) -> dict[str, int]:
    sums = window.sums
    return {**asdict(sums), "open": sums.open}
