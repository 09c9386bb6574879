"""docs/asvs.md names tests that exist, a test for all that is met, and each requirement once."""

import ast
import re

from tests.paths import ROOT

TEXT = (ROOT / "docs" / "asvs.md").read_text()
STATES = ("met", "partly", "not met", "does not apply", "the operator's")


def rows() -> list[list[str]]:
    lines = [line for line in TEXT.splitlines() if re.match(r"\| \d", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def functions_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_it_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)
    assert len(named) > 50
    assert [(path, name) for path, name in named if name not in functions_in(path)] == []


def test_it_says_how_everything_that_is_met_is_seen() -> None:
    table = rows()
    assert len(table) > 60
    assert all(len(row) == 4 and row[1].startswith(STATES) for row in table)
    assert [row[0] for row in table if row[1].startswith("met") and not row[3]] == []
    assert [row[0] for row in table if not row[2] and not row[3]] == []
