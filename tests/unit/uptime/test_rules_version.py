"""The version of the rules is raised whenever the same data give other numbers."""

import hashlib
import re
from dataclasses import replace

import numpy as np

from tests.paths import ROOT
from tests.unit.uptime.notation import at
from uptime import (
    HOUR,
    BusinessHours,
    Exclusions,
    Fleet,
    Polls,
    Question,
    SpecialDays,
    parse_windows,
    summarise,
)
from uptime.open_time.special_days import CLOSED_ALL_DAY
from uptime.poller.silences import Silences
from uptime.rules import RULES, RULES_VERSION, rules_since
from uptime.windows.elapsed import DAY, SECOND

# The numbers of the fleet below, by version. If they are others now, a rule has changed: add a
# version to uptime/rules.py, a row to the table in docs/uptime.md, and what they are now to this.
NUMBERS = {
    # Of the same fleet without special days and exclusions.
    1: "17c96e9d45c25185cb78c229be7661d059df497c0b9fde67941afb321d848559",
    2: "0649bab242b62cee2976c15f83121a9faeb2b9ba0e59350584afc64b5dc4e12c",
}
AS_OF = at("2024-03-13 18:13:22.479220")
ZONES = ["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]
STORES = 60
MEASURES = ("up", "down", "unknown", "excluded", "open")
QUALITIES = ("covered", "longest_gap", "least_up", "most_up", "margin", "last_polled_at")
ROW = re.compile(r"^\| (\d+) \| (\d{4}-\d\d-\d\d) \| (.+) \|$", re.MULTILINE)


def scattered(count, below, factor):
    """Numbers that look random and are the same with every version of every library."""
    return (np.arange(1, count + 1) * factor % 2_147_483_647) % below


def fleet():
    """Stores with polls about every hour, through a change to summer time, and odd hours."""
    of_polls = np.repeat(np.arange(STORES), 200)
    of_hours = np.repeat(np.arange(STORES // 2), 6)
    rows, openings = len(of_polls), len(of_hours)
    closes = scattered(openings, 96, 69_621) * HOUR // 4
    closes[::5] = DAY - SECOND
    at_random = scattered(rows, 9 * DAY // SECOND, 48_271) * SECOND
    return Fleet(
        store_ids=[f"s{number:02}" for number in range(STORES)],
        time_zones=(np.arange(STORES) % 5 - 1).astype(np.int32),
        zone_names=ZONES,
        hours=BusinessHours(
            store=of_hours.astype(np.int32),
            weekday=scattered(openings, 7, 16_807).astype(np.int8),
            opens=scattered(openings, 96, 630_360_016) * HOUR // 4,
            closes=closes,
        ),
        polls=Polls(
            store=of_polls.astype(np.int32),
            at=AS_OF - at_random - scattered(rows, SECOND, 39_373),
            active=scattered(rows, 10, 742_938_285) > 2,
        ),
        special_days=SpecialDays(
            store=np.arange(0, STORES, 3).astype(np.int32),
            date=(AS_OF // DAY - np.arange(0, STORES, 3) % 7).astype(np.int32),
            opens=np.where(np.arange(0, STORES, 3) % 2, CLOSED_ALL_DAY, 10 * HOUR),
            closes=np.where(np.arange(0, STORES, 3) % 2, CLOSED_ALL_DAY, 14 * HOUR),
        ),
        exclusions=Exclusions(
            store=np.arange(0, STORES, 4),
            start=AS_OF - np.arange(0, STORES, 4) % 6 * DAY - 5 * HOUR,
            end=AS_OF - np.arange(0, STORES, 4) % 6 * DAY - 2 * HOUR,
        ),
        silences=Silences(
            store=np.arange(5), start=np.full(5, AS_OF - 3 * DAY), end=np.full(5, AS_OF - 2 * DAY)
        ),
    )


def numbers_of(question):
    summary = summarise(fleet(), question)
    for part, names in ((summary, MEASURES), (summary.quality, QUALITIES)):
        for name in names:
            yield name, getattr(part, name).astype("<i8").tobytes()


def test_the_numbers_are_those_of_this_version():
    windows = parse_windows(["1h", "24h", "7d", "yesterday", "2024-W10"])
    question = Question(as_of=AS_OF, windows=windows, full=True)
    digest = hashlib.sha256()
    for asked in (question, replace(question, max_gap=HOUR)):
        for name, numbers in numbers_of(asked):
            digest.update(name.encode() + numbers)

    assert digest.hexdigest() == NUMBERS[RULES_VERSION]


def test_the_page_has_each_version():
    page = (ROOT / "docs" / "uptime.md").read_text(encoding="utf-8")
    [table] = re.findall(r"^## Versions of the rules$(.*?)^## ", page, re.DOTALL | re.MULTILINE)
    told = {int(number): text for number, _, text in ROW.findall(table)}
    assert told == RULES
    assert list(told) == list(range(1, RULES_VERSION + 1))


def test_what_later_versions_changed_is_said(monkeypatch):
    monkeypatch.setitem(RULES, RULES_VERSION + 1, "Later.")
    assert rules_since(RULES_VERSION) == ["Later."]
    assert rules_since(RULES_VERSION + 1) == []
