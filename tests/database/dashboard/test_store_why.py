"""Why the numbers on a store's page are what they are: the spans shown add up to them."""

import re
from datetime import timedelta

import pytest

from dashboard.pages.store import explained
from tests.database.dashboard.fleets import add_store
from tests.database.dashboard.test_store import STATUSES, api_numbers, odd_store, page, text

pytestmark = pytest.mark.django_db(transaction=True)


def told_details(html):
    """Return the sums and the table rows of each opening of the explanation."""
    section = html[html.index('id="why"') :]
    return [
        re.findall(r'<td class="state (\w+)">(\w+) ([\d:.]+),', part)
        for part in section.split('<details class="why">')[1:]
    ]


def microseconds(words):
    hours, minutes, seconds = words.split(":")
    whole, _, fraction = seconds.partition(".")
    length = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(whole))
    return length // timedelta(microseconds=1) + int(fraction.ljust(6, "0"))


@pytest.mark.parametrize("title", ["last hour", "last day", "last week"])
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_a_number_is_explained_by_spans_that_add_up_to_it(client, title, zone):
    odd_store(zone=zone)
    html = page(client, why=title)
    windows = dict(
        zip(
            ("last hour", "last day", "last week"),
            api_numbers(client, windows="1h,24h,7d"),
            strict=True,
        )
    )
    sums = dict.fromkeys(("up", "down", "unknown"), 0)
    for opening in told_details(html):
        for state, word, lasting in opening:
            assert state == word
            sums[state] += microseconds(lasting)
    assert sums == {state: windows[title][f"{state}_us"] for state in sums}


def test_a_store_that_never_closes_is_explained_day_by_day(client):
    add_store("a", STATUSES)
    html = page(client, why="last week")
    assert html.count('<details class="why">') == 1
    assert html.count('<details class="day">') >= 7
    assert "Always open: no business hours are known (rule 4)." in html


def test_each_number_leads_to_its_explanation_and_keeps_the_picked_time(client):
    odd_store()
    picked = {"from": "2024-01-14T00:00Z", "to": "2024-01-15T00:00Z"}
    html = page(client, **picked)
    [link] = re.findall(r'href="([^"]*why=picked#why)"', html)
    assert "from=2024-01-14" in link
    assert 'id="why"' not in html
    assert "Why these numbers: the time you picked" in page(client, **picked, why="picked")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"why": "luck"}, "Why: Choose one of: last hour,"),
        ({"why": "picked"}, "These numbers are not on this page."),
    ],
)
def test_it_says_which_numbers_it_cannot_explain(client, query, sentence):
    odd_store()
    assert sentence in text(page(client, **query))


def test_it_lists_no_explanation_that_nobody_could_read(client, monkeypatch):
    monkeypatch.setattr(explained, "MOST_LINES", 3)
    odd_store()
    html = page(client, why="last week")
    assert "This time has too many polls to list here" in html
    assert '<details class="why">' not in html
    assert "<td" in html[html.index('aria-label="Totals"') :]
