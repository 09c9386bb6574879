"""Stores of the reference as a fleet of the core."""

from tests.reference import Store
from tests.unit.uptime.notation import fleet_of
from uptime import Question, parse_windows


def bounds(text: str, *, as_of: int, zones: list[str | None]) -> list[tuple[int, int]]:
    fleet = fleet_of([Store(time_zone=zone) for zone in zones])
    found = fleet.bounds(Question(as_of=as_of, windows=parse_windows([text])))
    return list(zip(found.start[0].tolist(), found.end[0].tolist(), strict=True))
