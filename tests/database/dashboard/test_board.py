"""The board: counts, the stores offline, sums of the fleet, and what it says of old data."""

import re
from datetime import time, timedelta

import pytest
from django.contrib.auth import get_user_model

from dashboard.models import FleetSnapshot
from dashboard.pages.board.local_hours import week_of
from dashboard.pages.board.sums import by_tag, by_zone, counts, extremes, offline, totals
from dashboard.templatetags.words import lasting, percent
from tests.database.dashboard.fleets import NOON, add_store, take_snapshot
from tests.database.fleet.exclusions import made

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3_600_000_000


def fleet():
    add_store("up", "1" * 200, tags=["north"])
    add_store("down", "1" * 190 + "0" * 10, tags=["north"], name="Corner <Shop>")
    add_store("longer", "0" * 200, zone="Asia/Kolkata", hours=[(time(9), time(23))])
    add_store("closed", "0" * 200, hours=[(time(20), time(21))])
    add_store("silent", "0" * 190 + "-" * 10)
    add_store("never")


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_it_counts_only_what_was_seen_near():
    fleet()
    assert counts(take_snapshot()) == {
        "closed": 1,
        "unknown": 2,
        "up": 1,
        "down": 2,
        "excluded": 0,
    }


def test_the_longest_offline_come_first():
    fleet()
    found = offline(take_snapshot())
    assert [store["store_id"] for store in found] == ["longer", "down"]
    assert found[0]["since"] == 0
    # Open since nine in Kolkata, which is half past three in UTC.
    assert found[0]["lost"] == 8.5 * HOUR
    # It never closes; the first inactive poll is nine hours old, the last active one ten.
    assert found[1]["lost"] == 9.5 * HOUR


def test_sums_are_those_of_all_stores_and_the_days_add_up_to_them():
    fleet()
    snapshot = take_snapshot()
    week = week_of(snapshot)
    whole = totals(snapshot)[2]
    for name in ("up", "down", "unknown", "excluded"):
        assert getattr(whole, name) == snapshot.column(f"{name} week").sum()
        assert sum(getattr(day, name) for _, day in week.days) == getattr(whole, name)
    assert week.pattern.sum() == whole.open
    # Wednesday from 11 to 12 o'clock in UTC: one of them is in Kolkata, four are open.
    assert week.pattern[:, 2, 11].sum() >= 4 * HOUR


def test_the_days_show_what_of_them_is_excluded_if_anything_is(client):
    add_store("a", "1" * 200)
    take_snapshot()
    assert "Excluded, h" not in text(client.get("/"))
    made(starts_at=NOON - timedelta(hours=36), ends_at=NOON - timedelta(hours=33))
    # Long ago: one that was just taken is followed by a rest.
    FleetSnapshot.objects.update(started_at=NOON, finished_at=NOON)
    take_snapshot()
    said = text(client.get("/"))
    assert "Unknown, h Excluded, h" in said
    assert "Tue 16 Jan 100.00 % 0.00 0.00 3.00" in said


def test_each_hour_of_the_pattern_is_named_as_on_a_clock(client):
    fleet()
    take_snapshot()
    said = re.findall(r"<title>Mon (\d\d):00, ", client.get("/").content.decode())
    assert said == [f"{hour:02}" for hour in range(24)]


def test_groups_and_extremes():
    fleet()
    snapshot = take_snapshot()
    [north] = by_tag(snapshot)
    assert (north.name, north.stores, north.offline) == ("north", 2, 1)
    assert [(zone.name, zone.stores) for zone in by_zone(snapshot)] == [
        ("UTC", 5),
        ("Asia/Kolkata", 1),
    ]
    worst, best = extremes(snapshot)
    assert best[0]["store_id"] == "up"
    assert {store["store_id"] for store in worst[:3]} == {"closed", "longer", "silent"}
    assert "never" not in {store["store_id"] for store in (*worst, *best)}


def test_the_page_says_in_words_that_polls_stopped(client, clock):
    fleet()
    take_snapshot()
    clock.move_to(NOON + timedelta(hours=3))
    fresh = text(client.get("/"))
    assert "Offline now" in fresh
    assert "No new polls" not in fresh
    clock.move_to(NOON + timedelta(hours=3, minutes=1))
    old = text(client.get("/"))
    assert "No new polls for 3 h 01 min" in old
    assert "Offline now" not in old
    assert "Offline at that time" in old


def test_it_shows_hostile_names_harmlessly(client):
    name = "\u202e<script>alert(1)</script>" + "x" * 150
    add_store("</td><img src=x>", "0" * 30, name=name)
    take_snapshot()
    page = client.get("/").content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert f"<bdi>{name.replace('<', '&lt;').replace('>', '&gt;')}</bdi>" in page


def test_it_asks_few_queries_however_many_stores(client, django_assert_max_num_queries):
    fleet()
    take_snapshot()
    client.get("/")
    with django_assert_max_num_queries(10):
        client.get("/")


def test_an_open_board_is_told_of_a_newer_snapshot_and_when_polls_stop(client, clock):
    fleet()
    number = take_snapshot().number
    clock.move_to(NOON + timedelta(hours=2))
    address = f"/board/as-of/?snapshot={number}"
    same = client.get(address, headers={"HX-Request": "true"})
    assert "HX-Trigger" not in same.headers
    clock.move_to(NOON + timedelta(hours=4))
    assert client.get(address).headers["HX-Trigger"] == "snapshot"
    assert "HX-Trigger" not in client.get(f"{address}&stale=yes").headers
    other = client.get("/board/as-of/?snapshot=0", headers={"HX-Request": "true"})
    assert other.headers["HX-Trigger"] == "snapshot"
    part = client.get("/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith(("<p", "<ul"))


def test_before_there_is_anything_it_shows_how_to_begin(client):
    assert "manage ingest" in text(client.get("/"))
    add_store("a", "1")
    assert "is being made" in text(client.get("/"))


def test_the_public_does_not_see_it(client, settings):
    settings.ANONYMOUS_SCOPES = []
    refused = client.get("/")
    assert (refused.status_code, refused.headers["Location"]) == (302, "/sign-in/?next=%2F")
    part = client.get("/", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (403, "/sign-in/?next=%2F")
    client.force_login(get_user_model().objects.create_user("somebody"))
    forbidden = client.get("/")
    assert forbidden.status_code == 403
    assert "does not have the right" in text(forbidden)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 0, "\N{EN DASH}"),
        (2, 3, "66.66\u202f%"),
        (10**18 - 1, 10**18, "99.99\u202f%"),
        (5 * 10**18, 10**19, "50.00\u202f%"),
    ],
)
def test_percentages_are_never_rounded_up(part, whole, expected):
    assert percent(part, whole) == expected


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (None, "\N{EN DASH}"),
        (0, "0 min"),
        (1, "less than 1 s"),
        (59_999_999, "59 s"),
        (60_000_000, "1 min"),
        (HOUR + 5 * 60_000_000, "1 h 05 min"),
        (25 * HOUR, "1 d 1 h"),
    ],
)
def test_lengths_are_cut_to_two_units(length, expected):
    assert lasting(length) == expected


def test_pages_are_sent_packed(client):
    fleet()
    take_snapshot()
    for path in ("/", "/stores/", "/stores.csv"):
        packed = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        whole = client.get(path)
        assert len(packed.getvalue()) < len(whole.getvalue()) / 2
