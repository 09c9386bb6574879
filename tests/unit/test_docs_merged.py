"""Pages that many changes touch: what bringing these together can double, glue or lose."""

import re
from collections import Counter
from pathlib import Path

import pytest

from uptime.explain.explanation import RULES

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*.md"))]
CODE = re.compile(r"^( *)```.*?^\1```$", re.DOTALL | re.MULTILINE)


def test_the_glossary_defines_each_term_once():
    glossary = (ROOT / "CONTRIBUTING.md").read_text().split("\n## Glossary\n")[1].split("\n## ")[0]
    terms = re.findall(r"^- \*\*([^*]+)\*\*", glossary, re.MULTILINE)
    assert len(terms) > 30
    assert [term for term, count in Counter(terms).items() if count > 1] == []


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_headings_stand_apart_and_no_item_is_there_twice(document):
    text = CODE.sub("", document.read_text())
    assert re.findall(r"^[^\n]+\n(#{2,} [^\n]+)", text, re.MULTILINE) == []
    for section in re.split(r"^#+ ", text, flags=re.MULTILINE):
        items = Counter(line for line in section.splitlines() if line.startswith("- "))
        assert [item for item, count in items.items() if count > 1] == []


def test_each_reason_in_an_explanation_or_a_timeline_is_in_the_docs():
    text = (ROOT / "docs" / "api.md").read_text()
    told = text.split("\n### History of one store\n")[1].split("\n### Change a store\n")[0]
    assert [reason for reason in RULES if f"`{reason}`" not in told] == []
