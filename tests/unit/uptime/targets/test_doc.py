"""The worked examples of rules 29 to 31, executed."""

from dataclasses import astuple

import numpy as np

from tests.reference import open_intervals, share_of, summarise_store
from tests.reference_quality import assess_store
from tests.reference_targets import Result, judged
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.notation import at
from tests.unit.uptime.targets.results import result_of
from tests.unit.uptime.test_doc import BY_ANSWER, TARGETS, Example, Row, clock_of, each
from uptime import Question, Window, summarise
from uptime.targets.judging import judge
from uptime.targets.measuring import measure
from uptime.targets.target import parse_percentage


@each(BY_ANSWER[TARGETS])
def test_it_judges_as_the_page_says(example: Example):
    for row in example.rows(TARGETS):
        expected = list(row.values())[4:]
        assert printed(by_the_core(example, row)) == expected
        assert printed(by_the_reference(example, row)) == expected


def by_the_core(example: Example, row: Row) -> Result:
    window = Window(name="w", start=at(row["from"]), end=at(row["to"]))
    question = Question(as_of=example.as_of, windows=[window], max_gap=example.max_gap, full=True)
    fleet = fleet_of([example.stores[row["store_id"]]])
    (measured,) = measure(fleet, question, summarise(fleet, question))
    return result_of(judge(measured, np.array([parse_percentage(row["target"])])))


def by_the_reference(example: Example, row: Row) -> Result:
    store, end = example.stores[row["store_id"]], at(row["to"])
    span = (at(row["from"]), min(end, example.as_of))
    asked = {"as_of": example.as_of, "windows": [span], "max_gap": example.max_gap}
    (share,), (quality,) = summarise_store(store, **asked), assess_store(store, **asked)
    ahead = (example.as_of, end)
    rest = share_of(store, ahead, open_intervals(store, *ahead), [], None).counted
    to_come = rest if end > span[1] else 0
    return judged(
        up=share.up,
        down=share.down,
        unknown=share.unknown,
        least=quality.least_up,
        most=quality.most_up,
        to_come=to_come,
        target=row["target"],
    )


def printed(result: Result) -> list[str]:
    verdict, *times, burn_rate, at_risk = astuple(result)
    return [verdict, *(signed(time) for time in times), burn_rate, "yes" if at_risk else "no"]


def signed(time: int) -> str:
    return f"-{clock_of(-time)}" if time < 0 else clock_of(time)
