"""Rules 29 to 31: cases with names, and any numbers against the reference."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests import reference_targets
from tests.unit.uptime.notation import length
from tests.unit.uptime.strategies import thoroughly
from tests.unit.uptime.targets.results import result_of
from uptime.targets.judging import Judgement, Measured, Verdict, judge
from uptime.targets.target import parse_percentage

YEAR = 366 * length("24")


@dataclass(frozen=True, kw_only=True)
class Case:
    """The numbers of one store and window, and what a target comes to."""

    name: str
    target: str
    verdict: str
    up: str = "0"
    down: str = "0"
    unknown: str = "0"
    least: str | None = None
    most: str | None = None
    to_come: str = "0"
    burn_rate: str = "n/a"
    at_risk: bool = False
    on_track: bool = False

    @property
    def numbers(self) -> dict[str, int]:
        said = {"up": self.up, "down": self.down, "unknown": self.unknown, "to_come": self.to_come}
        bounds = {"least": self.least or self.up, "most": self.most or self.up}
        return {name: length(text) for name, text in (said | bounds).items()}


CASES = [
    Case(
        name="up all the time",
        target="99.5",
        verdict="met",
        up="100",
        on_track=True,
        burn_rate="0.00",
    ),
    Case(
        name="exactly the target",
        target="99.5",
        verdict="met",
        up="199",
        down="1",
        on_track=True,
        burn_rate="1.00",
    ),
    Case(
        name="a microsecond below the target",
        target="99.5",
        verdict="missed",
        up="198:59:59.999999",
        down="1:00:00.000001",
        burn_rate="1.00",
    ),
    Case(
        name="the lower bound just meets it",
        target="90",
        verdict="met",
        up="95",
        down="5",
        least="90",
        most="98",
        burn_rate="0.50",
        on_track=True,
    ),
    Case(
        name="the lower bound does not, the upper does",
        target="90",
        verdict="cannot be told",
        up="95",
        down="5",
        least="89",
        most="98",
        burn_rate="0.50",
    ),
    Case(
        name="the upper bound just meets it",
        target="98",
        verdict="cannot be told",
        up="95",
        down="5",
        least="90",
        most="98",
        burn_rate="2.50",
        at_risk=True,
    ),
    Case(
        name="not even the upper bound does",
        target="98",
        verdict="missed",
        up="95",
        down="5",
        least="90",
        most="97:59",
        burn_rate="2.50",
    ),
    Case(
        name="unknown time may have been down",
        target="90",
        verdict="cannot be told",
        up="89",
        unknown="11",
        burn_rate="0.00",
    ),
    Case(
        name="unknown time may have been up",
        target="90",
        verdict="cannot be told",
        down="10",
        up="80",
        unknown="10",
        burn_rate="1.00",
    ),
    Case(
        name="met with all unknown time down",
        target="90",
        verdict="met",
        up="95",
        unknown="5",
        burn_rate="0.00",
        on_track=True,
    ),
    Case(
        name="missed with all unknown time up",
        target="90",
        verdict="missed",
        up="80",
        down="11",
        unknown="9",
        burn_rate="1.10",
    ),
    Case(
        name="nothing is known",
        target="0.01",
        verdict="cannot be told",
        unknown="10",
        burn_rate="0.00",
    ),
    Case(name="never open", target="99", verdict="cannot be told", on_track=True),
    Case(name="all of it, and it was", target="100", verdict="met", up="10", on_track=True),
    Case(
        name="all of it, and one microsecond was down",
        target="100",
        verdict="missed",
        up="9:59:59.999999",
        down="0:00:00.000001",
    ),
    Case(
        name="all of it, and a moment may have been down",
        target="100",
        verdict="cannot be told",
        up="9",
        down="1",
        least="8",
        most="10",
        at_risk=True,
    ),
    Case(
        name="time to come may be down",
        target="90",
        verdict="cannot be told",
        up="50",
        to_come="50",
        burn_rate="0.00",
        on_track=True,
    ),
    Case(
        name="time to come cannot save it",
        target="90",
        verdict="missed",
        up="39",
        down="11",
        to_come="50",
        burn_rate="2.20",
    ),
    Case(
        name="time to come may save it",
        target="90",
        verdict="cannot be told",
        up="40",
        down="10",
        to_come="50",
        burn_rate="2.00",
        at_risk=True,
    ),
    Case(
        name="time to come cannot spoil it",
        target="90",
        verdict="met",
        up="90",
        to_come="10",
        burn_rate="0.00",
        on_track=True,
    ),
    Case(
        name="all of it is to come",
        target="90",
        verdict="cannot be told",
        to_come="50",
        on_track=True,
    ),
]


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
