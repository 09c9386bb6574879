"""How much is found in made-up fleets with known outages; docs/uptime.md has the table."""

import re

import pytest

from tests.paths import ROOT
from tests.unit.uptime.poller.made_up import KINDS, Kind, score

FLEETS = 3
TABLE = re.compile(
    r"^\| ([a-z0-9 ,]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE
)


def told() -> dict[str, list[int]]:
    """By kind: stores, false alarms, and how many of a hundred outages of each length are found."""
    page = (ROOT / "docs" / "uptime.md").read_text(encoding="utf-8")
    return {name: [int(figure) for figure in figures] for name, *figures in TABLE.findall(page)}


def test_the_page_has_every_kind():
    assert {kind.name: kind.stores for kind in KINDS} == {
        name: figures[0] for name, figures in told().items()
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_it_finds_what_the_page_says(kind: Kind):
    _, false_alarms, *caught = told()[kind.name]
    found = score(kind, FLEETS)

    assert found.false_alarms == false_alarms == 0
    for count, share in zip(found.caught, caught, strict=True):
        # What is always or never found on the page is so here, too.
        assert share not in {0, 100} or count == FLEETS * share // 100
