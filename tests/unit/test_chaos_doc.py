"""docs/chaos.md shows every fault that ``./run chaos`` provokes, as a run has seen it."""

import pytest

from tests.chaos.rounds import Round
from tests.chaos.shapes import SHAPES
from tests.chaos.summary import BEGIN, END, table, write_into
from tests.paths import ROOT

PAGE = ROOT / "docs" / "chaos.md"
NAMES = [fault.name for shape in SHAPES for fault in shape.faults]


def test_the_table_has_each_fault_and_how_it_ended():
    told = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in told.splitlines()[2:]]
    assert sorted(row[0] for row in rows) == sorted(NAMES)
    assert {row[-1] for row in rows} == {"ok"}


def test_a_name_is_the_name_of_one_fault():
    assert len({*NAMES}) == len(NAMES)


def test_it_says_the_most_of_all_rounds_and_how_many_failed():
    rounds = [
        Round("cut", held=2.0, recovery=9.96, lines=3, refused=1),
        Round("cut", held=1.0, recovery=1.0, lines=40, refused=0, faults=["two polls lost"]),
    ]
    last = table(rounds, {"worn out": "nothing to wear"}).splitlines()[-2:]
    assert last == [
        "| cut | 2 | 2.0 s | 10.0 s | 1 | 40 | 1 FAILED |",
        "| worn out | 0 |  |  |  |  | SKIPPED: nothing to wear |",
    ]


def test_it_replaces_the_lines_of_the_same_faults_and_nothing_else(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}{END}after\n")
    write_into(page, table([Round("cut", held=1.0), Round("full", held=1.0)], {}))
    write_into(page, table([Round("cut", held=2.0), Round("frozen", held=2.0)], {}))
    rows = [line.split(" | ")[:3] for line in page.read_text().splitlines() if "1 |" in line]
    assert rows == [["| cut", "1", "2.0 s"], ["| frozen", "1", "2.0 s"], ["| full", "1", "1.0 s"]]
    assert page.read_text().startswith(f"before\n{BEGIN}| fault ")
    assert page.read_text().endswith(f"|\n{END}after\n")


def test_a_page_without_a_place_for_a_table_is_named(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("nothing\n")
    with pytest.raises(ValueError, match=r"page\.md has no lines"):
        write_into(page, "new\n")
