"""The worked examples of recurrences in docs/uptime.md, executed."""

import re
from datetime import datetime

import pytest

from tests.paths import ROOT
from tests.unit.uptime.recurrence.test_rules import recurrence
from uptime import parse_length
from uptime.instants import from_microseconds
from uptime.recurrence.occurrences import next_occurrences

BLOCKS = re.findall(
    r"^```recurrence\n(\S+) from ([^\n]*?) for (\w+), (\S+)\n\nfrom,to\n(.*?)^```$",
    (ROOT / "docs/uptime.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)


@pytest.mark.parametrize("block", BLOCKS, ids=[block[0] + " " + block[1] for block in BLOCKS])
def test_it_is_as_the_page_says(block):
    text, start, lasting, zone, rows = block
    first = datetime.fromisoformat(start)
    said = [line.split(",") for line in rows.splitlines()]
    which = recurrence(text, first.date(), first.time(), zone=zone, duration=parse_length(lasting))
    found = next_occurrences(which, 0, len(said))
    assert [[f"{from_microseconds(at):%Y-%m-%d %H:%M:%S}" for at in each] for each in found] == said


def test_the_page_has_them():
    assert len(BLOCKS) == 5
