"""The case table, through the core and through the reference."""

import pytest

from tests.reference import summarise_store
from tests.unit.uptime.cases import CASES
from tests.unit.uptime.notation import Case, by_the_core

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def test_it_names_every_case_once():
    assert len({case.name for case in CASES}) == len(CASES)


@every_case
def test_it_expects_numbers_that_add_up(case: Case):
    for expected in case.expected:
        assert expected.share.open == expected.open


@every_case
def test_it_computes_the_expected_numbers(case: Case):
    shares = by_the_core(
        [case.store],
        as_of=case.as_of_instant,
        windows=case.windows,
        look_back=case.look_back,
        max_gap=case.max_gap_length,
    )
    assert shares == [[expected.share for expected in case.expected]]


@every_case
def test_it_is_confirmed_by_the_reference(case: Case):
    shares = summarise_store(
        case.store,
        as_of=case.as_of_instant,
        windows=case.windows,
        look_back=case.look_back,
        max_gap=case.max_gap_length,
    )
    assert shares == [expected.share for expected in case.expected]
