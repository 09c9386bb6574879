"""Rule 28: which target applies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import reference_targets
from tests.unit.uptime.strategies import thoroughly
from uptime.targets.choosing import NONE, chosen
from uptime.targets.target import Target, parse_percentage, parse_target_windows

STORES = ["1", "2", "a:b"]


def applying(
    *said: tuple[str, str, list[str]], window: str = "7d", tags: dict[str, list[int]] | None = None
) -> list[int]:
    targets = [
        Target(name=scope, scope=scope, hundredths=parse_percentage(share), windows=tuple(windows))
        for scope, share, windows in said
    ]
    places = {tag: np.array(stores, dtype=np.int64) for tag, stores in (tags or {}).items()}
    return chosen(targets, window, STORES, places).tolist()


def test_a_target_of_the_fleet_applies_to_all_stores():
    assert applying(("fleet", "99", ["7d"])) == [0, 0, 0]


def test_it_applies_only_in_its_windows():
    assert applying(("fleet", "99", ["30d"])) == [NONE, NONE, NONE]


def test_a_tag_goes_before_the_fleet_even_if_it_asks_less():
    said = ("fleet", "99", ["7d"]), ("tag:north", "90", ["7d"])
    assert applying(*said, tags={"north": [1]}) == [0, 1, 0]


def test_its_own_goes_before_its_tags_even_if_it_asks_less():
    said = ("tag:north", "90", ["7d"]), ("store:2", "80", ["7d"])
    assert applying(*said, tags={"north": [0, 1]}) == [0, 1, NONE]


def test_of_several_tags_the_strictest_applies():
    said = ("tag:a", "90", ["7d"]), ("tag:b", "95", ["7d"]), ("tag:c", "92", ["7d"])
    assert applying(*said, tags={"a": [0, 1], "b": [0], "c": [0, 1]}) == [1, 2, NONE]


def test_of_two_that_ask_the_same_the_first_applies():
    assert applying(("fleet", "99", ["7d"]), ("fleet", "99", ["7d"])) == [0, 0, 0]


def test_a_store_may_have_targets_of_several_scopes_in_several_windows():
    said = ("store:1", "90", ["7d"]), ("fleet", "99", ["7d", "30d"])
    assert applying(*said, window="30d") == [1, 1, 1]


def test_a_scope_without_stores_applies_to_none():
    assert applying(("store:9", "90", ["7d"]), ("tag:gone", "90", ["7d"])) == [NONE] * 3


def test_an_id_may_contain_a_colon():
    assert applying(("store:a:b", "90", ["7d"])) == [NONE, NONE, 0]


scopes = st.sampled_from(["fleet", "tag:x", "tag:y", "store:1", "store:2", "store:9"])
said_targets = st.tuples(
    scopes,
    st.sampled_from(["90", "95", "95.00", "99.99"]),
    st.lists(st.sampled_from(["7d", "30d"]), unique=True, min_size=1),
)


@thoroughly
@given(
    st.lists(said_targets, max_size=6),
    st.lists(st.sets(st.sampled_from("xy")), min_size=3, max_size=3),
)
def test_it_equals_the_reference(said: list[tuple[str, str, list[str]]], tags: list[set[str]]):
    tagged = {tag: [n for n in range(3) if tag in tags[n]] for tag in "xy"}
    for window in ("7d", "30d"):
        expected = [
            reference_targets.applying(said, window=window, store_id=store_id, tags=tags[place])
            for place, store_id in enumerate(STORES)
        ]
        found = applying(*said, window=window, tags=tagged)
        assert found == [NONE if place is None else place for place in expected]


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [("99.5", 9950), ("100", 10_000), ("0.01", 1), ("99.99", 9999), ("090", 9000)],
)
def test_it_reads_a_percentage(text: str, hundredths: int):
    assert parse_percentage(text) == hundredths


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "0.00",
        "100.01",
        "101",
        "99.555",
        "1e2",
        "-1",
        "+1",
        "99,5",
        "99.5%",
        "٩٩",
        "NaN",
        " 99",
        "99.",
    ],
)
def test_it_refuses_what_is_not_a_percentage(text: str):
    with pytest.raises(ValueError, match="is not a percentage from"):
        parse_percentage(text)


def test_a_lasting_target_has_windows_that_last():
    assert [one.text for one in parse_target_windows(["4w", "this-month"])] == ["28d", "this-month"]
    with pytest.raises(ValueError, match="'2024-03' is one time only"):
        parse_target_windows(["7d", "2024-03"])
