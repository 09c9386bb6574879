"""The case table of rules 13 to 17, through the core and through the reference."""

import pytest

from tests import reference_quality
from tests.reference import summarise_store
from tests.reference_quality import Quality, assess_store
from tests.unit.uptime.cases.quality import QUALITY, QualityCase
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.notation import length
from uptime import Question, Window, percentage, summarise

every_case = pytest.mark.parametrize("case", QUALITY, ids=lambda case: case.name)


def test_it_names_every_case_once():
    assert len({case.name for case in QUALITY}) == len(QUALITY)


@every_case
def test_it_computes_what_the_case_expects(case: QualityCase):
    ((start, end),) = case.question["windows"]
    windows = [Window(name="w", start=start, end=end)]
    asked = Question(**case.question | {"windows": windows, "full": True})
    summary = summarise(fleet_of([case.store]), asked)
    quality = summary.quality
    assert quality is not None
    found = Quality(
        covered=quality.covered.item(),
        longest_gap=quality.longest_gap.item(),
        least_up=quality.least_up.item(),
        most_up=quality.most_up.item(),
        margin=quality.margin.item(),
    )
    assert found == case.expected
    assert summary.up.item() == length(case.up)
    assert case.percentages == (
        percentage(summary.up[0], summary.up[0] + summary.down[0]).item(),
        percentage(quality.covered[0], summary.open[0]).item(),
    )


@every_case
def test_it_is_confirmed_by_the_reference(case: QualityCase):
    (quality,) = assess_store(case.store, **case.question)
    assert quality == case.expected
    question = {key: value for key, value in case.question.items() if key != "fresh"}
    (share,) = summarise_store(case.store, **question)
    assert share.up == length(case.up)
    assert case.percentages == (
        reference_quality.percentage(share.up, share.up + share.down),
        reference_quality.percentage(quality.covered, share.open),
    )
