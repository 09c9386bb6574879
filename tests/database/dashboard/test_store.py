"""The page of one store: numbers and spans are the same, every week opens, settings change."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.contrib.auth import get_user_model

from dashboard.pages.store.words import exactly
from fleet.extent import note_pruned
from fleet.models import BusinessHours, Poll, Store
from tests.database.dashboard.fleets import NOON, add_store, take_snapshot
from uptime.instants import to_microseconds

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = 1_000_000
NEWEST = NOON - timedelta(hours=2)  # The last two hours of ``the_store`` have no poll.
BAND = re.compile(r'data-from="(\d+)" data-to="(\d+)" data-state="(\w+)"')
MARK = re.compile(r'data-mark="(\w+)" data-from="(\d+)" data-to="(\d+)" data-sum="(\d+)"')
HOSTILE = "\u202e<script>alert(1)</script>\U0001f355"


def page(client, store_id="a", query="", status=200):
    response = client.get(f"/stores/{store_id}/{query}")
    assert response.status_code == status
    return response.content.decode()


def text(content):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content))


def bands(content):
    return [(int(start), int(end), state) for start, end, state in BAND.findall(content)]


def the_store(**values):
    hours = [(time(9), time(17)), (time(22), time(2))]
    statuses = ("1" * 7 + "0" * 3 + "-" * 2) * 25
    return add_store("a", statuses, zone="America/New_York", hours=hours, **values)


def test_marked_spans_add_up_to_the_numbers_of_the_api(client):
    the_store()
    content = page(client)
    windows = client.get("/api/v1/stores/a/uptime/?windows=1h,24h,7d").json()["windows"]
    marks = MARK.findall(content)
    assert len(marks) == 9
    for place, window in enumerate(windows):
        for state, start, end, total in marks[3 * place : 3 * place + 3]:
            assert window[f"{state}_us"] == int(total)
            parts = [
                b - a
                for a, b, name in bands(content)
                if name == state and a >= int(start) and b <= int(end)
            ]
            assert sum(parts) == int(total)


def test_the_whole_week_is_shown_after_clocks_went_forward(client):
    # A poll at half past midnight in New York, on the Saturday after the change of 10 March 2024.
    store = add_store("a", zone="America/New_York")
    newest = datetime(2024, 3, 16, 4, 30, tzinfo=UTC)
    Poll.objects.bulk_create(
        Poll(store=store, polled_at=newest - timedelta(hours=n), status=n % 5 > 0)
        for n in range(200)
    )
    content = page(client)
    for state, start, end, total in MARK.findall(content):
        parts = [
            b - a
            for a, b, name in bands(content)
            if name == state and a >= int(start) and b <= int(end)
        ]
        assert sum(parts) == int(total)


def test_the_days_cover_all_time_and_are_those_of_the_api(client):
    the_store()
    found = bands(page(client))
    assert [end for _, end, _ in found[:-1]] == [start for start, _, _ in found[1:]]
    assert found[-1][1] == to_microseconds(NEWEST)
    span = client.get(
        "/api/v1/stores/a/timeline/",
        {"from": "2024-01-10T10:00:00Z", "to": "2024-01-17T10:00:00Z"},
    ).json()
    week = [(a, b, s) for a, b, s in found if a >= to_microseconds(NEWEST - timedelta(days=7))]
    for state in ("up", "down", "closed"):
        assert sum(b - a for a, b, name in week if name == state) == span[f"{state}_us"]


def test_a_span_tells_when_how_long_and_why(client):
    add_store("a", "1100", hours=[(time(10), time(20))])
    content = page(client)
    assert "Closed, 10 h 00 min 0 s." in content
    assert "Outside business hours" in content
    assert re.search(r"Down, \S+ .*The nearest poll in open time was inactive, at", content)
    assert "Open by: Wednesday 10:00\N{EN DASH}20:00." in content


def test_it_says_how_the_store_is(client):
    the_store()
    take_snapshot()
    assert "Closed since" in text(page(client))
    add_store("on", "1" * 5)
    add_store("off", "0" * 5)
    add_store("silent", "1" * 5 + "-" * 20)
    add_store("never")
    take = text(page(client, "on"))
    assert "Online for more than a week" in take
    assert "Offline for more than a week; it is always open" in text(page(client, "off"))
    assert "it should be open, but was last seen" in text(page(client, "silent"))
    assert "no poll in open time is known" in text(page(client, "never"))
    assert "This one was never polled" in text(page(client, "never"))


def test_every_week_opens_and_days_are_as_long_as_they_are(client):
    add_store("a", "1" * 24 * 120, zone="America/New_York")
    newest = page(client)
    assert "?until=2024-01-10#timeline" in newest
    assert "Later week" not in newest
    autumn = page(client, query="?until=2023-11-08")
    assert "Sun 5 Nov" in autumn
    assert "25" in re.search(r"<h3>Sun 5 Nov.*?</h3>", autumn, re.DOTALL)[0]
    assert "?until=2023-11-15#timeline" in autumn
    assert "Press a number" not in autumn


def test_an_instant_is_shown_and_marked(client):
    add_store("a", "1" * 24 * 40, zone="Asia/Kolkata")
    content = page(client, query="?at=2024-01-02T15:00:00Z")
    assert content.count('id="marked"') == 1
    assert "Tue 2 Jan" in content


def test_a_window_can_be_picked(client):
    the_store()
    content = page(client, query="?from=2024-01-16T09:00:00&to=2024-01-16T17:00:30")
    asked = {"from": "2024-01-16T14:00:00Z", "to": "2024-01-16T22:00:30Z"}
    [window] = client.get("/api/v1/stores/a/uptime/", asked).json()["windows"]
    marks = MARK.findall(content)[9:]
    assert [(name, int(total)) for name, _, _, total in marks] == [
        (name, window[f"{name}_us"]) for name in ("up", "down", "unknown")
    ]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?until=yesterday", "is not a date"),
        ("?from=2024-01-16T09:00&to=x", "is not a date and time"),
        ("?from=2024-01-16T09:00&to=2024-01-16T09:00", "ends before it begins"),
        ("?from=2000-01-16T09:00&to=2024-01-16T09:00", "at most 92 days"),
        ("?at=9999-12-31T23:59:59", "is not a date and time"),
        ("?until=0001-01-01", "Numbers"),
        ("?until=9999-12-31", "Numbers"),
        ("?at=0001-01-01T00:00", "Numbers"),
        ("?from=2030-01-01T00:00&to=2030-01-02T00:00", "closed all the time"),
    ],
)
def test_a_wrong_address_is_said_and_shows_the_rest(client, query, said):
    the_store()
    assert said in text(page(client, query=query))


def test_outages_are_those_of_the_core(client):
    add_store("a", "1" * 100 + "0" * 3 + "1" * 3 + "0" * 2)
    content = text(page(client))
    assert "2, the longest 3 h 00 min" in content
    assert "3 h 00 min on average" in content
    assert "not over as of the newest poll" in content
    snapshot = take_snapshot()
    assert snapshot.column("outages").tolist() == [2]
    assert snapshot.column("longest_outage").tolist() == [3 * 3600 * SECOND]


def test_polls_that_are_gone_and_too_many_are_said(client, monkeypatch):
    the_store()
    monkeypatch.setattr("dashboard.pages.store.history.MOST_POLLS", 10)
    assert "more than" in text(page(client))
    note_pruned(NOON)
    assert "pruned" in text(page(client))


def test_without_polls_it_shows_the_hours(client):
    add_store("a", hours=[(time(9), time(17))])
    content = text(page(client))
    assert "There are no polls yet" in content
    assert "09:00-17:00" in content


@pytest.mark.parametrize("store_id", ["a/b", "..", HOSTILE, "~x", " a b "])
def test_any_id_and_name_is_shown_harmlessly(client, store_id):
    store = add_store(store_id, "10" * 20, name=HOSTILE, tags=["<b>"])
    take_snapshot()
    board = client.get("/").content.decode()
    address = re.search(r'href="(/stores/[^"]+/)"', board)[1]
    content = client.get(address).content.decode()
    assert "<script>alert" not in content
    assert f"<bdi>{HOSTILE.replace('<', '&lt;').replace('>', '&gt;')}</bdi>" in content
    assert store.store_id.strip() in content.replace("&lt;", "<").replace("&gt;", ">")


def test_an_unknown_store_is_a_page(client):
    content = page(client, "nobody", status=404)
    assert "No such store" in content


def test_it_asks_few_queries(client, django_assert_max_num_queries):
    the_store()
    take_snapshot()
    page(client)
    with django_assert_max_num_queries(10):
        page(client)


# Settings


def change(client, content, **values):
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', content))
    fields |= dict.fromkeys({f"day{n}" for n in range(7)} - fields.keys(), "")
    return client.post("/stores/a/", {**fields, **values})


def test_settings_are_changed_in_place(client):
    the_store()
    content = page(client)
    response = change(
        client,
        content,
        name="Corner",
        tag_names="x; y",
        zone="Europe/Berlin",
        day0="08:30\N{EN DASH}12:00, 13:00-24:00",
    )
    assert response.status_code == 302
    store = Store.objects.get()
    assert (store.name, store.time_zone_id) == ("Corner", "Europe/Berlin")
    monday = BusinessHours.objects.filter(weekday=0).values_list("opens", "closes")
    assert set(monday) == {(time(8, 30), time(12)), (time(13), time(23, 59))}
    assert BusinessHours.objects.filter(weekday=1).count() == 2
    assert "Changed." in text(client.get("/stores/a/").content.decode())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"zone": "Mars/Base"}, "is not a known time zone"),
        ({"day3": "9 to 5"}, "is not an opening such as"),
        ({"day3": "25:00-26:00"}, "is not an opening such as"),
        ({"seen": "0"}, "was changed since you opened the page"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(client, values, said):
    the_store()
    response = change(client, page(client), **values)
    assert response.status_code == 422
    assert said in text(response.content.decode())
    assert BusinessHours.objects.filter(weekday=3).count() == 2


def test_only_those_who_may_change_it_see_how(client, settings):
    the_store()
    settings.ANONYMOUS_SCOPES = ["read"]
    content = page(client)
    assert "<form method" not in content.replace('<form method="post" action="/sign-out', "")
    assert client.post("/stores/a/", {"name": "x"}).status_code == 302
    client.force_login(get_user_model().objects.create_user("somebody"))
    assert client.post("/stores/a/", {"name": "x"}).status_code == 403
    assert Store.objects.get().name == ""


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (0, "0 s"),
        (1, "0.000001 s"),
        (61 * SECOND, "1 min 1 s"),
        (3600 * SECOND + 500_000, "1 h 00 min 0.5 s"),
    ],
)
def test_lengths_are_exact(length, expected):
    assert exactly(length) == expected
