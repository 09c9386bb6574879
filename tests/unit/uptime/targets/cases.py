"""Cases of rules 29 to 31, each with a name."""

from dataclasses import dataclass

from tests.unit.uptime.notation import length


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
