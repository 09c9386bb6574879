"""The poller's outages on the board, and kept for the API."""

import re
from datetime import timedelta

import pytest

from reports.poller import search
from tests.database.dashboard.fleets import NOON, add_store, take_snapshot

pytestmark = pytest.mark.django_db(transaction=True)

SILENT = "1" * 100 + "-" * 6 + "1" * 94


@pytest.fixture
def board(client, clock):
    """Make a snapshot of ten stores; return the board so long after the newest poll, as text."""

    def board(statuses=SILENT, **later):
        clock.move_to(NOON)
        for number in range(10):
            add_store(f"s{number}", statuses, tags=["north"])
        take_snapshot()
        clock.move_to(NOON + timedelta(**later))
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get("/").content.decode()))

    return board


def test_the_board_lists_those_of_the_week(board):
    text = board()
    assert "When nobody polled, in this week" in text
    assert "Sat 13 Jan, 08:00 UTC Sat 13 Jan, 15:00 UTC 7 h 00 min the whole fleet 10" in text
    assert "The poller is silent" not in text


def test_the_board_says_that_one_goes_on(board):
    text = board("1" * 200, minutes=95)
    assert "The poller is silent for the whole fleet since Wed 17 Jan 2024, 12:00 UTC" in text
    assert "1 h 35 min, longer than usual" in text
    assert "going on" in text


def test_the_board_does_not_say_twice_that_polls_stopped(board):
    text = board("1" * 200, hours=4)
    assert "No new polls for 4 h 00 min." in text
    assert "The poller is silent" not in text


def test_the_end_of_historic_data_is_no_outage(board):
    text = board("1" * 200, days=31)
    assert "No new polls for 31 d" in text
    assert "The poller is silent" not in text
    assert "going on" not in text


def test_the_board_says_nothing_of_an_ordinary_week(board):
    text = board("1" * 200, minutes=85)
    assert "nobody polled" not in text
    assert "The poller is silent" not in text


def test_the_api_needs_no_search_of_its_own(board, client, monkeypatch):
    board()
    monkeypatch.setattr(search, "load_fleet", None)
    [found] = client.get("/api/v1/poller_outages/").json()["results"]
    assert (found["from"], found["to"]) == ("2024-01-13T08:00:00Z", "2024-01-13T15:00:00Z")


def test_the_days_of_a_store_are_shaded(board, client):
    board()
    page = client.get("/stores/s1/").content.decode()
    # From 08:00 to 15:00 of one day.
    assert re.findall(r'class="silence" x="([\d.]+)%" y="0" width="([\d.]+)%"', page) == [
        ("33.333", "29.167")
    ]
    assert "the poller was silent" in page


def test_the_days_of_a_store_that_was_polled_are_not(board, client):
    board("1" * 200)
    page = client.get("/stores/s1/").content.decode()
    assert 'class="silence"' not in page
    assert "the poller was silent" not in page
