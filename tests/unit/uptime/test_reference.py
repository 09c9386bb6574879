"""The parts of the reference that no case of the table reaches."""

from datetime import datetime

import pytest

from tests.reference import HOUR, MINUTE, Store, happenings, printed, report_text, zone
from tests.unit.uptime.notation import at


@pytest.mark.parametrize(
    ("length", "unit", "text"),
    [
        (0, HOUR, "0.00"),
        (HOUR // 200 - 1, HOUR, "0.00"),  # A microsecond less than 0.005 h.
        (HOUR // 200, HOUR, "0.01"),  # Exactly half a hundredth goes up.
        (MINUTE * 201 // 200, MINUTE, "1.01"),  # 1.005, which no binary fraction holds.
        (HOUR, MINUTE, "60.00"),
        (168 * HOUR - 1, HOUR, "168.00"),
    ],
)
def test_it_prints_half_up(length: int, unit: int, text: str):
    assert printed(length, unit) == text


def test_it_lists_stores_in_byte_order():
    rows = report_text({"b": Store(), "é": Store(), "10": Store(), "B": Store()}, as_of=0)
    assert [row.split(",")[0] for row in rows.splitlines()[1:]] == ["10", "B", "b", "é"]


def test_it_finds_both_instants_of_a_wall_time_that_happens_twice():
    wall = datetime(2024, 11, 3, 1, 0)  # noqa: DTZ001
    found = happenings(wall, zone("America/New_York"))
    assert found == [at("2024-11-03 05:00"), at("2024-11-03 06:00")]


def test_it_finds_the_jump_to_the_microsecond():
    wall = datetime(2024, 3, 10, 2, 59, 59, 999_999)  # noqa: DTZ001
    assert happenings(wall, zone("America/New_York")) == [at("2024-03-10 07:00")]
