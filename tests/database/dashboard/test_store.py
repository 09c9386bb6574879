"""The page of one store: its numbers are the API's, and its spans add up to them."""

import re
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from dashboard.pages.store import view
from fleet.extent import note_pruned
from fleet.models import Poll
from stores.history import Gone
from tests.database.dashboard.fleets import HOUR, NOON, add_store, take_snapshot
from uptime.instants import to_microseconds

pytestmark = pytest.mark.django_db(transaction=True)

# Uneven, over openings that a day's end cuts.
STATUSES = ("110-0-1110-00--1" * 40)[-500:]


def odd_store(**values):
    return add_store("a", STATUSES, **{"hours": [(time(18, 30), time(2))], **values})


def page(client, store_id="a", **query):
    address = reverse("dashboard:store", args=[store_id])
    return client.get(f"{address}?{urlencode(query)}").content.decode()


def text(html):
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    return re.sub(r" (?=[,.:;])", "", words)


def pieces(html):
    found = re.findall(r'class="piece (\w+)".*?data-a="(\d+)" data-b="(\d+)"', html)
    return [(state, int(start), int(end)) for state, start, end in found]


def buttons(html):
    found = re.findall(
        r'data-state="(\w+)" data-from="(\d+)" data-to="(\d+)" data-sum="(\d+)"', html
    )
    return [(state, *map(int, rest)) for state, *rest in found]


def marked(html, state, start, end):
    """Return the sum of the pieces that the script marks for a number."""
    wanted = {"up", "down", "unknown"} if state == "open" else {state}
    return sum(b - a for is_in, a, b in pieces(html) if is_in in wanted and a >= start and b <= end)


def api_numbers(client, **query):
    address = reverse("store-uptime", args=["a"])
    return client.get(f"{address}?{urlencode(query)}").json()["windows"]


def shown_sums(html):
    """Return the lengths of the page's buttons by state and start."""
    return {(state, start): length for state, start, _, length in buttons(html)}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_the_numbers_are_the_apis_and_spans_add_up_to_them(client, zone):
    odd_store(zone=zone)
    html = page(client)
    found = shown_sums(html)
    for window in api_numbers(client, windows="1h,24h,7d"):
        start = to_microseconds(datetime.fromisoformat(window["from"]))
        for state in ("up", "down", "unknown", "open"):
            assert found.get((state, start), 0) == window[f"{state}_us"]
    assert len(buttons(html)) > 6
    for state, start, end, length in buttons(html):
        assert marked(html, state, start, end) == length


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ({"week": "2024-01-03"}, "2024-01-03T00:00Z", "2024-01-10T00:00Z"),
        (
            {"from": "2024-01-05T19:15", "to": "2024-01-08T01:00"},
            "2024-01-05T19:15Z",
            "2024-01-08T01:00Z",
        ),
        # Cut at the newest poll.
        (
            {"from": "2024-01-14T00:00", "to": "2024-02-01T00:00"},
            "2024-01-14T00:00Z",
            NOON.isoformat(),
        ),
    ],
)
def test_so_do_those_of_another_week_and_of_a_picked_time(client, query, start, end):
    odd_store()
    html = page(client, **query)
    [told] = api_numbers(client, **{"from": start, "to": end})
    edges = [to_microseconds(datetime.fromisoformat(edge)) for edge in (start, end)]
    found = {state: length for state, *window, length in buttons(html) if window == edges}
    assert found == {state: told[f"{state}_us"] for state in ("up", "down", "open")}
    for state, first, last, length in buttons(html):
        assert marked(html, state, first, last) == length


@pytest.mark.parametrize(("as_of", "hours"), [("2024-03-13T04:30Z", 23), ("2024-11-06T04:30Z", 25)])
def test_days_are_as_long_as_they_are_and_hold_the_whole_last_week(client, as_of, hours):
    store = add_store("a", zone="America/New_York")
    newest = datetime.fromisoformat(as_of)
    Poll.objects.bulk_create(
        Poll(store=store, polled_at=newest - HOUR * 5 * number, status=number % 2)
        for number in range(45)
    )
    html = page(client)
    assert f"<b>{hours} h</b>" in html
    week = to_microseconds(newest - timedelta(days=7))
    assert marked(html, "open", week, to_microseconds(newest)) == 168 * 3_600_000_000


def test_older_polls_for_another_week_do_not_change_the_newest_numbers(client):
    # Up until nine days before the newest poll, then not polled.
    add_store("a", "1" * 20 + "-" * 210)
    add_store("other", "1")

    def last_week(html):
        return re.search(r"Last week</h3>.*?</li>", html, re.DOTALL)[0]

    assert "nobody looked" in last_week(page(client))
    assert "nobody looked" in last_week(page(client, week="2024-01-03"))


def test_outages_end_when_it_is_up_again_and_count_open_time_only(client):
    # Down from 17:30 on Tuesday, over the night, until 9:30 on Wednesday.
    statuses = "1" * 20 + "0" * 16 + "1" * 3
    add_store("a", statuses, hours=[(time(8), time(20))])
    html = page(client)
    said = text(html)
    assert "1 outage; the longest took 4 h 00 min of open time" in said
    assert "Mean time to recover: 4 h 00 min" in said
    [row] = re.findall(r"<tr><td>(?:before )?<time.*?</tr>", html, re.DOTALL)
    assert text(row).endswith(" no ")


@pytest.mark.parametrize(
    ("statuses", "hours", "said"),
    [
        ("1" * 200, [], "Online for more than a week; never closes."),
        ("1" * 195 + "0" * 5, [], "Offline since Wed 17 Jan, 07:30 UTC, all of it open time"),
        (
            "1" * 197 + "0" * 3,
            [(time(9), time(22))],
            "2 h 30 min of open time lost in this opening; closes at Wed 17 Jan, 22:00 UTC.",
        ),
        ("0" * 190 + "-" * 10, [], "Unknown: it is open, but nobody has looked since Wed 17 Jan"),
        (
            "1" * 200,
            [(time(20), time(21))],
            "Closed, as planned since Tue 16 Jan, 21:00 UTC; opens",
        ),
        ("", [], "Never polled: nothing is known of it."),
    ],
)
def test_its_state_is_said_in_words(client, statuses, hours, said):
    add_store("other", "1" * 200)
    add_store("a", statuses, hours=hours)
    take_snapshot()
    assert said in text(page(client))


def test_how_sure_a_number_is_stands_in_a_sentence(client):
    add_store("a", "1" * 190 + "0---1" + "1" * 5)
    said = text(page(client))
    assert "because the store changed between polls 2 times" in said
    # The changes can have been at any time in one hour and in four.
    assert "Between 97.02 % and 100.00 %," in said
    assert "of the open time was within 1 h of a poll" in said


def test_an_instant_is_marked_in_its_week(client):
    odd_store()
    html = page(client, at="2024-01-05T19:15:00Z")
    assert html.count('class="at"') == 1
    assert '<span class="date" id="day-1">Wed 3 Jan' in html
    assert "up to the newest poll" in page(client, week="2999-01-01")
    micro = to_microseconds(datetime(2024, 1, 5, 19, 15, tzinfo=UTC))
    assert page(client, at=micro).count('class="at"') == 1


@pytest.mark.parametrize(
    "query",
    [
        {"week": "yesterday"},
        {"week": "0001-01-01"},
        {"at": "9" * 40},
        {"at": "0001-01-01T00:00"},
        {"from": "2024-01-05T19:15"},
        {"from": "2024-01-05T19:15", "to": "2024-01-01T00:00"},
        {"from": "2020-01-01T00:00", "to": "2024-01-01T00:00"},
        {"from": "<b>", "to": "\0"},
        {"from": "0001-01-01T00:00Z", "to": "9999-12-31T23:59Z"},
    ],
)
def test_what_cannot_be_shown_is_said(client, query):
    odd_store()
    response = client.get(f"/stores/a/?{urlencode(query)}")
    assert response.status_code == 200
    assert '<p class="error"' in response.content.decode()


def test_a_long_window_has_numbers_and_is_not_drawn(client):
    odd_store()
    html = page(client, **{"from": "2023-06-01T00:00", "to": "2024-01-10T00:00"})
    assert "The time you picked" in html
    assert "More than 35 days are not drawn" in html


@pytest.mark.parametrize("store_id", ["a/b", "..", "~x", "</td><img src=x>", "\u202eevil", "🍕"])
def test_any_id_and_name_is_shown_harmlessly(client, store_id):
    name = "<script>alert(1)</script>" + "x" * 150
    add_store(store_id, "10" * 20, name=name, tags=["<b>"])
    html = page(client, store_id)
    assert "<img" not in html
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_an_unknown_store_has_a_page_that_says_so(client):
    response = client.get("/stores/%3Cb%3E/")
    assert response.status_code == 404
    assert "There is no store <bdi>&lt;b&gt;</bdi>" in response.content.decode()
    assert client.get("/stores/nope/settings/").status_code == 404
    assert client.post("/stores/nope/settings/").status_code == 404


def test_so_has_one_deleted_meanwhile(client, monkeypatch):
    odd_store()

    def gone(*_):
        raise Gone

    monkeypatch.setattr(view, "read", gone)
    assert client.get("/stores/a/").status_code == 404


def test_pruned_polls_are_not_unknown_time(client):
    odd_store()
    note_pruned(NOON - timedelta(days=10))
    html = page(client, week="2024-01-01")
    assert "were pruned" in html
    assert not pieces(html)
    assert api_numbers(client, windows="7d")[0]["up_us"]
    assert "Last week" in html
    note_pruned(NOON - timedelta(days=1))
    assert "the state is not known" in page(client)


def test_too_many_polls_are_not_drawn(client, monkeypatch):
    monkeypatch.setattr("dashboard.pages.store.reading.MOST_POLLS", 3)
    odd_store()
    html = page(client)
    assert "more than 3 polls" in html
    assert "Week before" in html


def test_spans_alike_are_joined_if_they_are_many(client, monkeypatch):
    odd_store()
    every = page(client)
    monkeypatch.setattr("dashboard.pictures.timeline._MOST_SPANS", 3)
    joined = page(client)
    assert len(pieces(joined)) < len(pieces(every))
    for state, start, end, length in buttons(joined):
        assert marked(joined, state, start, end) == length


def test_before_any_poll_its_settings_are_shown(client):
    add_store("a", hours=[(time(9), time(17))])
    said = text(page(client))
    assert "No polls have arrived yet" in said
    assert "09:00-17:00" in said


def test_it_asks_few_queries(client, django_assert_max_num_queries):
    odd_store()
    take_snapshot()
    page(client)
    # Ten of them read the store in a transaction; on SQLite these have their own connection.
    # Special days and exclusions are two each there, and two each for the lists of them.
    with django_assert_max_num_queries(18):
        page(client, week="2024-01-03")


def test_the_public_does_not_see_it(client, settings):
    odd_store()
    settings.ANONYMOUS_SCOPES = []
    assert client.get("/stores/a/").headers["Location"] == "/sign-in/?next=%2Fstores%2Fa%2F"
