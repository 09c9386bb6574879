"""The list of stores: found, filtered, sorted, paged, and the same as CSV."""

import csv
import io
import re
from datetime import time

import numpy as np
import pytest

from dashboard.pages.stores.asked import SORTS, Asked, read_address
from dashboard.pages.stores.choosing import chosen, in_order
from dashboard.pictures.strips import strip
from tests.database.dashboard.fleets import add_store, take_snapshot

pytestmark = pytest.mark.django_db(transaction=True)


def fleet():
    add_store("s1", "1" * 200, name="Maple Diner", tags=["north"])
    add_store("s2", "1" * 150 + "0" * 50, name="corner SHOP", zone="Asia/Kolkata", tags=["north"])
    add_store("S3", "0" * 200, zone="Asia/Kolkata", hours=[(time(20), time(21))])
    add_store("s4", "01" * 90 + "-" * 20, zone=None)
    add_store("s5", zone=None)


def ids(response):
    content = response.content.decode()
    return re.findall(r'<td class="name"><a href="/stores/([^"/]+)/"', content)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["s2", "s1", "S3", "s4", "s5"]),
        ("?sort=-name", ["s5", "s4", "S3", "s1", "s2"]),
        ("?search=SHOP", ["s2"]),
        ("?search=s3", ["S3"]),
        ("?search=%25", []),
        ("?state=down", ["s2"]),
        ("?state=closed", ["S3"]),
        ("?state=unknown", ["s4", "s5"]),
        ("?zone=Asia/Kolkata", ["s2", "S3"]),
        ("?zone=none", ["s4", "s5"]),
        ("?tag=north&state=up", ["s1"]),
        ("?tag=nothing", []),
        ("?polled=never", ["s5"]),
        ("?polled=silent", ["s4"]),
        ("?sort=-down", ["s4", "s2", "S3", "s1", "s5"]),
        ("?sort=week", ["S3", "s4", "s2", "s1", "s5"]),
        ("?sort=-week", ["s1", "s2", "s4", "S3", "s5"]),
        ("?sort=last_poll", ["s5", "s4", "S3", "s1", "s2"]),
        ("?sort=nonsense&state=odd&page=x&size=7&polled=y", ["s2", "s1", "S3", "s4", "s5"]),
        ("?page=99999999", ["s2", "s1", "S3", "s4", "s5"]),
        ("?search=" + "x" * 5000, []),
        ("?search=%00s1", ["s1"]),
    ],
)
def test_it_shows_the_stores_that_are_asked_for(client, query, expected):
    fleet()
    take_snapshot()
    response = client.get(f"/stores/{query}")
    assert response.status_code == 200
    assert ids(response) == expected


@pytest.mark.parametrize("column", SORTS)
def test_it_sorts_by_every_column_both_ways(column):
    fleet()
    snapshot = take_snapshot()
    rows = chosen(snapshot, Asked())
    for sort in (column, f"-{column}"):
        assert sorted(in_order(snapshot, rows, Asked(sort=sort))) == [0, 1, 2, 3, 4]


def test_pages_and_links_keep_the_rest_of_the_address(client):
    for number in range(120):
        add_store(f"s{number:03}", "1")
    take_snapshot()
    second = client.get("/stores/?state=up&page=2")
    assert len(ids(second)) == 50
    content = second.content.decode()
    assert "Stores 51 to 100 of 120" in content
    assert 'rel="next" href="?state=up&amp;page=3"' in content
    assert 'href="?state=up&amp;sort=week"' in content
    assert 'href="/stores.csv?state=up"' in content
    assert len(ids(client.get("/stores/?size=200"))) == 120


def test_the_address_is_as_short_as_can_be():
    asked = read_address({"state": "down", "sort": "-down", "size": "50"})
    assert asked.address() == "state=down&sort=-down"
    assert asked.sorted_by("down") == "state=down&sort=down"
    assert asked.sorted_by("week") == "state=down&sort=week"
    assert asked.address(page=3) == "state=down&sort=-down&page=3"


def test_its_csv_has_all_rows_and_runs_nothing_in_a_spreadsheet(client):
    for number in range(60):
        add_store(f"s{number:03}", "10", name="=1+1", tags=["@x"])
    add_store("-1", "1")
    take_snapshot()
    response = client.get("/stores.csv?sort=-name")
    assert response.headers["Content-Disposition"].startswith('attachment; filename="stores-')
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))
    assert len(rows) == 61
    assert {row["name"] for row in rows} == {"", "'=1+1"}
    assert rows[-1]["store_id"] == "'-1"
    assert rows[1]["tags"] == "'@x"
    assert rows[1]["downtime_last_week(in hours)"] == "0.50"


def test_the_part_that_htmx_asks_for_is_the_list_only(client):
    fleet()
    take_snapshot()
    response = client.get("/stores/?search=s1", headers={"HX-Request": "true"})
    assert b"<html" not in response.content
    assert ids(response) == ["s1"]
    assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("?search=&state=&zone=&polled=&size=50", "/stores/"),
        ("?search=a%26b%0D%0A&state=&sort=-down&page=2", "/stores/?search=a%26b&sort=-down&page=2"),
    ],
)
def test_the_address_that_htmx_shows_has_no_empty_fields(client, query, address):
    fleet()
    take_snapshot()
    response = client.get(f"/stores/{query}", headers={"HX-Request": "true"})
    assert response.headers["HX-Replace-Url"] == address


def test_the_form_shows_what_was_asked_for_though_no_store_has_it(client):
    add_store("s1", "1")
    take_snapshot()
    content = client.get("/stores/?zone=Mars/Base&tag=<b>").content.decode()
    assert "<option selected>Mars/Base</option>" in content
    assert "<option selected>&lt;b&gt;</option>" in content
    assert "No store fits" in content


@pytest.mark.parametrize("sort", ["hour", "-hour"])
def test_stores_without_open_time_come_last(client, sort):
    add_store("a", "1", hours=[(time(20), time(21))])
    add_store("b", "1")
    take_snapshot()
    assert ids(client.get(f"/stores/?sort={sort}")) == ["b", "a"]


@pytest.mark.parametrize("address", ["/stores/?state=down", "/stores.csv?state=down"])
def test_only_people_who_may_read_see_it(client, settings, django_user_model, address):
    settings.ANONYMOUS_SCOPES = []
    assert client.get(address).headers["Location"].startswith("/sign-in/?next=%2Fstores")
    client.force_login(django_user_model.objects.create_user("ada"))
    assert client.get(address).status_code == 403


def test_hostile_names_are_shown_harmlessly(client):
    add_store("<script>alert(1)</script>", "1", name='"><img src=x onerror=alert(1)>', tags=["<b>"])
    take_snapshot()
    content = client.get("/stores/").content.decode()
    assert "<script>alert" not in content
    assert "<img" not in content
    assert "<b>" not in content


def test_without_a_snapshot_it_says_so(client):
    assert "not been computed yet" in client.get("/stores/").content.decode()
    assert client.get("/stores.csv").status_code == 302


def test_it_asks_few_queries(client, django_assert_max_num_queries):
    fleet()
    take_snapshot()
    with django_assert_max_num_queries(4):
        client.get("/stores/")


def test_a_strip_has_a_path_for_each_state():
    cells = np.array([0, 3, 3, 2, 255, 4, 1, 130], dtype=np.uint8)
    picture = strip(cells, 'A "shop"')
    assert picture.count("<path") == 7
    assert 'class="up" d="M1 8h2V16h-2z"' in picture
    assert 'class="down-4" d="M4 0h1V16h-1z"' in picture
    assert "3 of 6 open hours with downtime, 1 unknown, 1 excluded" in picture
    assert "A &quot;shop&quot;" in picture
