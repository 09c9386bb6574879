import pytest

from feeds.zones import known_time_zones
from tests.unit.feeds.reading import ZONES, only_reason, read


def zone_of(written):
    [(store_id, index)] = read(f"{ZONES}7,{written}\n").accepted
    assert store_id == "7"
    return known_time_zones()[index]


@pytest.mark.parametrize("name", known_time_zones())
def test_it_takes_every_known_zone(name):
    assert zone_of(name) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (" America/Chicago ", "America/Chicago"),
        ("america/new_york", "America/New_York"),
        ("ASIA/KOLKATA", "Asia/Kolkata"),
    ],
)
def test_it_forgives_case_and_spaces(written, name):
    assert zone_of(written) == name


@pytest.mark.parametrize("written", ["Mars/Base", "Chicago", "UTC+5", "../../etc/passwd", "-06:00"])
def test_it_rejects_an_unknown_zone(written):
    assert only_reason(ZONES, f"7,{written}") == (
        "timezone_str",
        "is not a time zone of the IANA database",
    )


@pytest.mark.parametrize("written", ["", "  ", "NULL", "None", "nan", "N/A"])
def test_it_says_what_becomes_of_a_store_without_a_zone(written):
    assert only_reason(ZONES, f"7,{written}") == (
        "timezone_str",
        "has no time zone: the store will use America/Chicago unless another row has one",
    )
