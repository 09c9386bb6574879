"""Rules 29 to 31: cases with names, and any numbers against the reference."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests import reference_targets
from tests.unit.uptime.notation import length
from tests.unit.uptime.strategies import thoroughly
from tests.unit.uptime.targets.cases import CASES, Case
from tests.unit.uptime.targets.results import result_of
from uptime.targets.judging import Judgement, Measured, Verdict, judge
from uptime.targets.target import parse_percentage

YEAR = 366 * length("24")


def found(numbers: dict[str, int], target: str) -> Judgement:
    whole = numbers["up"] + numbers["down"] + numbers["unknown"]
    each = {name: np.array([number]) for name, number in {**numbers, "open": whole}.items()}
    return judge(Measured(**each), np.array([parse_percentage(target)]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_judges(case: Case):
    judgement = found(case.numbers, case.target)
    result = result_of(judgement)
    assert (result.verdict, result.burn_rate, result.at_risk, judgement.on_track.item()) == (
        case.verdict,
        case.burn_rate,
        case.at_risk,
        case.on_track,
    )
    assert result == reference_targets.judged(**case.numbers, target=case.target)


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, int]:
    """Any windows of up to a year, with bounds around the uptime, many near a target."""
    lengths = st.one_of(st.integers(0, 300), st.integers(0, YEAR))
    up, down, unknown, to_come = (draw(lengths) for _ in range(4))
    assume(up + down + unknown + to_come <= YEAR)
    least, most = draw(st.integers(0, up)), draw(st.integers(up, up + down))
    return {
        "up": up,
        "down": down,
        "unknown": unknown,
        "to_come": to_come,
        "least": least,
        "most": most,
    }


percentages = st.one_of(
    st.sampled_from(["100", "99.99", "99.5", "50", "0.01"]),
    st.integers(1, 10_000).map(lambda n: f"{n // 100}.{n % 100:02d}"),
)


@thoroughly
@given(numbers(), percentages)
def test_it_equals_the_reference(drawn: dict[str, int], target: str):
    assert result_of(found(drawn, target)) == reference_targets.judged(**drawn, target=target)


@thoroughly
@given(numbers(), st.integers(1, 9_999))
def test_it_meets_a_target_exactly_where_the_lower_bound_does(drawn: dict[str, int], wanted: int):
    # A window whose lower bound is exactly the target, and one with a microsecond less.
    drawn |= {"up": wanted * 7, "down": (10_000 - wanted) * 7, "unknown": 0, "to_come": 0}
    drawn |= {"least": wanted * 7, "most": wanted * 7}
    target = f"{wanted // 100}.{wanted % 100:02d}"
    assert found(drawn, target).verdict.item() == Verdict.MET
    less = drawn | {"least": drawn["least"] - 1}
    assert found(less, target).verdict.item() == Verdict.CANNOT_BE_TOLD
    worse = less | {"most": drawn["most"] - 1}
    assert found(worse, target).verdict.item() == Verdict.MISSED


@thoroughly
@given(numbers(), percentages)
def test_more_that_is_known_never_turns_met_into_missed(drawn: dict[str, int], target: str):
    """What was unknown becomes up or down: a verdict that was certain stays."""
    before = found(drawn, target).verdict.item()
    for side in ("up", "down"):
        known = drawn | {"unknown": 0, side: drawn[side] + drawn["unknown"]}
        if side == "up":
            known |= {"least": drawn["least"] + drawn["unknown"]}
            known |= {"most": drawn["most"] + drawn["unknown"]}
        after = found(known, target).verdict.item()
        assert before in {Verdict.CANNOT_BE_TOLD, after}


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 1, 0, 3]])
def test_it_lists_the_worst_first_and_only_the_bad(order: list[int]):
    fleet = [
        ("missed by much", 80, 20, 80, 80),
        ("missed", 85, 15, 85, 85),
        ("at risk", 88, 12, 85, 95),
        ("in doubt", 95, 5, 85, 98),
        ("met", 95, 5, 95, 95),
    ]
    names = [fleet[place][0] for place in order]
    columns = np.array([fleet[place][1:] for place in order], dtype=np.int64).T * length("1")
    up, down, least, most = columns
    nothing = np.zeros_like(up)
    measured = Measured(
        open=up + down, up=up, down=down, unknown=nothing, least=least, most=most, to_come=nothing
    )
    judgement = judge(measured, np.full(len(order), 9_000))
    assert names[judgement.worst_first()[-1]] == "met"
    bad = [names[place] for place in judgement.bad()]
    assert bad == [
        "missed by much",
        "missed",
        "at risk",
        "in doubt",
    ]
