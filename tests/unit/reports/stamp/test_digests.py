"""The fingerprint of the data depends on what the rows say, and on nothing else."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from reports.build.cutting import pieces
from reports.stamp import digests
from reports.stamp.digests import data_read, joined
from tests.unit.reports.stamp.fleets import (
    AS_OF,
    DAYS_NOT_READ,
    EXCLUSIONS,
    FIRST,
    HOURS,
    NOT_READ,
    POLLS,
    QUESTION,
    SILENCES,
    SPECIAL_DAYS,
    ZONES,
    fleet,
)
from uptime import HOUR, parse_windows
from uptime.windows.elapsed import DAY

WHOLE = data_read(fleet(), QUESTION)


def reversed_order(rows):
    return sorted(rows, reverse=True)


SAME = {
    "rows in another order": fleet(order=reversed_order),
    "an opening twice": fleet(hours=[*HOURS, HOURS[0]]),
    "polls that are not read": fleet(polls=[*POLLS, *NOT_READ]),
    "special days that are not read": fleet(special_days=[*SPECIAL_DAYS, *DAYS_NOT_READ]),
    "excluded time in two pieces": fleet(
        exclusions=[
            EXCLUSIONS[0],
            ("=1+1", AS_OF - DAY, AS_OF - 3 * HOUR),
            ("=1+1", AS_OF - 4 * HOUR, AS_OF - HOUR),
        ]
    ),
    "excluded time that is not read": fleet(
        exclusions=[*EXCLUSIONS, ("a", FIRST - DAY, FIRST), ("a", AS_OF + 1, AS_OF + DAY)]
    ),
    "names of zones that no store has": replace(
        fleet(), zone_names=[*fleet().zone_names, "Mars/Olympus"]
    ),
    "tags": replace(fleet(), tags={"late": np.array([1])}),
}


@pytest.mark.parametrize("other", SAME.values(), ids=SAME)
def test_equal_data_have_the_same(other):
    assert data_read(other, QUESTION) == WHOLE


def one_more_at(rows, number, *changes):
    """The rows with one of them changed in each of these ways in turn."""
    for change in changes:
        yield [*rows[:number], (*change,), *rows[number + 1 :]]


def changed():
    for place in range(len(POLLS)):
        store, at, active = POLLS[place]
        inside = at + 2 if at < AS_OF else at - 2
        for rows in one_more_at(
            POLLS, place, (store, at, not active), (store, inside, active), ("never", at, active)
        ):
            yield "polls", fleet(polls=rows)
        yield "polls", fleet(polls=POLLS[:place] + POLLS[place + 1 :])
    swapped = [("a", FIRST, False), ("a", FIRST + 1, True), *POLLS[2:]]
    yield "polls", fleet(polls=swapped)
    for place in range(len(HOURS)):
        store, day, opens, closes = HOURS[place]
        for rows in one_more_at(
            HOURS,
            place,
            ("never", day, opens, closes),
            (store, day + 1 - 2 * (day == 6), opens + 5, closes),
            (store, day, opens + 1, closes),
            (store, day, opens + 1, closes - 1),
            (store, day, closes, opens),
        ):
            yield "business_hours", fleet(hours=rows)
    for zones in (
        {**ZONES, "a": None},
        {**ZONES, "never": "Asia/Tokyo"},
        {**ZONES, "a": "America/New_York", "=1+1": "Asia/Tokyo"},
        {**ZONES, "one more": None},
    ):
        yield "stores", fleet(zones=zones)
    for rows in one_more_at(
        SPECIAL_DAYS,
        0,
        ("never", 19_995, 9 * HOUR, 17 * HOUR),
        ("a", 19_996, 9 * HOUR, 17 * HOUR),
        ("a", 19_995, -1, -1),
    ):
        yield "special_days", fleet(special_days=rows)
    for rows in one_more_at(
        EXCLUSIONS,
        1,
        ("never", AS_OF - DAY, AS_OF - HOUR),
        ("=1+1", AS_OF - DAY + 1, AS_OF - HOUR),
        ("=1+1", AS_OF - DAY, AS_OF - HOUR + 1),
    ):
        yield "exclusions", fleet(exclusions=rows)
    yield "silences", fleet(silences=SILENCES[:1])
    yield "silences", fleet(silences=[("a", FIRST, FIRST + 1), SILENCES[1]])


@pytest.mark.parametrize(("kind", "other"), [*changed()])
def test_each_change_shows_in_its_kind_alone(kind, other):
    found = data_read(other, QUESTION)

    assert found["sha256"] != WHOLE["sha256"]
    different = [one for one in digests.kinds_of(WHOLE) if found[one] != WHOLE[one]]
    assert different == [kind]


def test_only_what_depends_on_tags_has_them():
    tags = {"late": np.array([0, 1]), "north": np.array([1])}
    tagged = data_read(replace(fleet(), tags=tags), QUESTION, tagged=True)
    swapped = {"north": np.array([0, 1]), "late": np.array([1])}
    assert tagged["tags"]["rows"] == 3
    total = row_hash("=1+1", number_of("late")) + row_hash("a", number_of("late"))
    total += row_hash("a", number_of("north"))
    assert tagged["tags"]["digest"] == f"{total % (1 << 64):016x}"
    other = data_read(replace(fleet(), tags=swapped), QUESTION, tagged=True)
    assert other["sha256"] != tagged["sha256"]
    assert data_read(fleet(), QUESTION, tagged=True)["sha256"] == WHOLE["sha256"]


@pytest.mark.parametrize("most", [1, 2, 3])
def test_parts_add_up_to_the_whole(most):
    parts = [data_read(part, QUESTION) for part in pieces(fleet(), most)]

    assert len(parts) > 1
    assert joined(parts) == WHOLE
    assert joined(parts[::-1]) == WHOLE


def test_a_kind_without_rows_does_not_change_the_sum():
    """So one that a later version adds leaves earlier reports as they are."""
    without = {kind: told for kind, told in WHOLE.items() if kind != "silences"}
    assert joined([without])["sha256"] == data_read(fleet(silences=[]), QUESTION)["sha256"]


def test_no_rows_have_one_too():
    without = dict.fromkeys(("hours", "polls", "special_days", "exclusions", "silences"), ())
    nothing = data_read(fleet(zones={}, **without), QUESTION)
    assert {nothing[kind]["rows"] for kind in digests.kinds_of(nothing)} == {0}
    assert joined([nothing, WHOLE]) == WHOLE


def test_polls_are_told_by_day_of_utc_and_the_old_ones_together():
    asked = replace(QUESTION, windows=parse_windows(["60d"]))
    polls = [("a", AS_OF - day * DAY, True) for day in (0, 39, 40, 41, 60)]
    days = data_read(fleet(polls=polls), asked)["polls"]["days"]

    assert {day: told["rows"] for day, told in days.items()} == {
        "older": 3,
        "2024-08-26": 1,
        "2024-10-04": 1,
    }
    assert "older" not in WHOLE["polls"]["days"]
    first_day = {name: told["rows"] for name, told in WHOLE["polls"]["days"].items()}
    assert first_day == {"2024-09-26": 2, "2024-10-01": 1, "2024-10-03": 1, "2024-10-04": 1}


def number_of(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def row_hash(store, *values):
    """The hash of a row, one number after the other."""
    mixed = number_of(store)
    for place, value in enumerate(values):
        mixed += value * (number_of(f"column {place}") | 1)
    mixed %= 1 << 64
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 % (1 << 64)
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB % (1 << 64)
    return mixed ^ mixed >> 31


def test_it_is_the_sum_of_the_hashes_of_the_rows(monkeypatch):
    """Over several blocks of rows, and as another program would compute it."""
    monkeypatch.setattr(digests, "_ROWS_AT_ONCE", 2)
    found = data_read(fleet(polls=[*NOT_READ, *POLLS]), QUESTION)
    rows = {
        "stores": [(store, number_of(zone or "")) for store, zone in ZONES.items()],
        "business_hours": HOURS,
        "polls": POLLS,
        "special_days": SPECIAL_DAYS,
        "exclusions": EXCLUSIONS,
        "silences": SILENCES,
    }
    for kind, of_kind in rows.items():
        total = sum(row_hash(*row) for row in of_kind) % (1 << 64)
        assert (found[kind]["rows"], found[kind]["digest"]) == (len(of_kind), f"{total:016x}")
