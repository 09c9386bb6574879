"""Public holidays that are proposed as special days."""

from datetime import date

import pytest

from fleet.special_days.proposals import UnknownPlace, proposals


def test_a_region_has_more_than_its_country():
    texas, country = (dict(proposals("US", region, 2026)) for region in ("TX", ""))
    assert texas[date(2026, 3, 2)] == "Texas Independence Day"
    assert texas[date(2026, 12, 25)] == country[date(2026, 12, 25)] == "Christmas Day"
    assert date(2026, 3, 2) not in country
    assert list(texas) == sorted(texas)
    assert {day.year for day in texas} == {2026}


def test_the_names_are_english_whatever_the_machine_speaks(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "de")
    assert dict(proposals("DE", "BY", 2026))[date(2026, 1, 6)] == "Epiphany"


@pytest.mark.parametrize(
    ("country", "region", "field", "reason"),
    [
        ("XX", "", "country", "There are no holidays known of 'XX'."),
        ("US", "BY", "region", "US has no region 'BY'; known: AK, AL, "),
        ("AW", "X", "region", "AW has no region 'X'; known: none."),
    ],
)
def test_it_says_which_place_is_unknown(country, region, field, reason):
    with pytest.raises(UnknownPlace) as caught:
        proposals(country, region, 2026)
    assert caught.value.field == field
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize("year", [2000, 2100])
def test_it_knows_the_first_and_the_last_year(year):
    assert date(year, 12, 25) in dict(proposals("US", "", year))
