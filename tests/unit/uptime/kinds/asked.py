"""Questions about drawn fleets."""

from tests.unit.uptime.strategies import Fleet
from uptime import Question, Window


def question(fleet: Fleet, *, full: bool = False) -> Question:
    return Question(
        as_of=fleet.as_of,
        windows=[
            Window(name=f"w{n}", start=start, end=end)
            for n, (start, end) in enumerate(fleet.windows)
        ],
        look_back=fleet.look_back,
        max_gap=fleet.max_gap,
        full=full,
    )
