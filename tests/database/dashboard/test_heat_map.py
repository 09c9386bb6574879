"""The heat map: its order, the worst of several stores in a row, pages of names, who may see it."""

import base64
import json
import re
from dataclasses import replace
from datetime import time

import numpy as np
import pyarrow as pa
import pytest
from django.contrib.auth import get_user_model
from django.template.loader import render_to_string

from dashboard.pages.heat_map import picture
from dashboard.pages.heat_map.view import PAGE
from dashboard.snapshots.head import Head
from dashboard.snapshots.reading import Snapshot, current_snapshot
from tests.database.dashboard.fleets import NOON, add_store, take_snapshot

pytestmark = pytest.mark.django_db(transaction=True)

CLOSED, EXCLUDED, UNKNOWN, UP, ALL_DOWN = 0, 1, 2, 3, 255
WORST_FIRST = ["down", "half", "up", "shut", "never"]


def fleet():
    add_store("up", "1" * 200, name="Corner <b>Shop</b>")
    add_store("down", "0" * 200)
    add_store("half", "1" * 150 + "0" * 50)
    add_store("shut", "1" * 200, hours=[(time(9), time(17))])
    add_store("never")


def decoded(body):
    length = int.from_bytes(body[:4], "little")
    head = json.loads(body[4 : 4 + length])
    cells = np.frombuffer(body[4 + length :], dtype=np.uint8)
    return head, cells.reshape(head["rows"], head["columns"])


def ids(response):
    return re.findall(r'href="/stores/([^/"]+)/"', response.content.decode())


def test_stores_come_worst_first_each_with_its_own_row_and_name(client):
    fleet()
    snapshot = take_snapshot()
    head, cells = decoded(client.get("/heat-map.bin").content)
    names = ["down", "half", "Corner <b>Shop</b>", "shut", "never"]
    assert head == {
        "snapshot": snapshot.number,
        "rows": 5,
        "columns": 168,
        "each": 1,
        "stores": 5,
        "start": snapshot.head.edges[0] // 1000,
        "end": snapshot.head.edges[-1] // 1000,
        "names": names,
    }
    order = [snapshot.row_of(store_id) for store_id in WORST_FIRST]
    assert cells.tolist() == snapshot.cells[order].tolist()
    assert set(cells[0]) == {ALL_DOWN}
    assert set(cells[3]) == {CLOSED, UP}
    assert set(cells[4]) == {UNKNOWN}


@pytest.mark.parametrize(("most", "each"), [(3, 2), (2, 3), (1, 5)])
def test_a_row_of_several_stores_is_the_worst_of_them(client, monkeypatch, most, each):
    monkeypatch.setattr(picture, "MOST_ROWS", most)
    fleet()
    snapshot = take_snapshot()
    head, cells = decoded(client.get("/heat-map.bin").content)
    assert (head["rows"], head["each"], "names" in head) == (-(-5 // each), each, False)
    rows = [snapshot.row_of(store_id) for store_id in WORST_FIRST]
    severity = [CLOSED, EXCLUDED, UP, UNKNOWN, *range(4, 256)]
    for row in range(head["rows"]):
        those = snapshot.cells[rows[row * each : (row + 1) * each]].T.tolist()
        assert cells[row].tolist() == [max(values, key=severity.index) for values in those]


def test_the_address_of_a_snapshot_is_kept_by_browsers_and_the_other_is_asked_again(client):
    fleet()
    snapshot = take_snapshot()
    [address] = re.findall(r'data-source="([^"]+)"', included(snapshot))
    response = client.get(address)
    assert set(response["Cache-Control"].split(", ")) == {
        "private",
        "max-age=31536000",
        "immutable",
    }
    newest = client.get("/heat-map.bin")
    assert set(newest["Cache-Control"].split(", ")) == {"private", "no-cache"}
    unchanged = client.get("/heat-map.bin", headers={"If-None-Match": newest["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    other = client.get("/heat-map.bin?snapshot=7-7", headers={"If-None-Match": '"7-7"'})
    assert (other.status_code, other.content) == (200, newest.content)
    assert "immutable" not in other["Cache-Control"]


def included(snapshot):
    return render_to_string("dashboard/heat_map.html", {"snapshot": snapshot})


def test_stores_of_which_nothing_is_known_come_late_and_those_never_open_last():
    weeks = {  # In the order that is expected: up, down, open.
        "all down": (0, 9, 9),
        "half, longer": (4, 4, 8),
        "half": (3, 3, 6),
        "little": (9, 1, 10),
        "up": (9, 0, 9),
        "unknown": (0, 0, 9),
        "never open": (0, 0, 0),
    }
    names = sorted(weeks)
    numbers = np.array([weeks[name] for name in names], dtype=np.int64).T
    columns = dict(zip(("up week", "down week", "open week"), numbers, strict=True))
    cells = pa.array([bytes([7, 9])] * len(names), pa.binary(2))
    snapshot = Snapshot(
        number=1,
        data_version=1,
        made_at=NOON,
        head=Head(as_of=2, edges=[0, 1, 2], usual_distance=1, near=1, zones={}),
        table=pa.table({**columns, "cells": cells}),
    )
    order = picture.picture_of(snapshot).order
    assert [names[place] for place in order] == list(weeks)


def test_a_fleet_without_stores_has_an_empty_picture():
    add_store("gone", "1")
    assert take_snapshot()
    empty = replace(current_snapshot(), table=current_snapshot().table.slice(0, 0))
    assert picture.picture_of(empty).cells.shape == (0, 168)
    assert "There are no stores" in included(empty)


def test_it_is_made_once_for_each_snapshot():
    fleet()
    first = take_snapshot()
    assert picture.picture_of(first) is picture.picture_of(first)


def test_rows_have_names_numbers_and_cells(client):
    fleet()
    snapshot = take_snapshot()
    response = client.get("/heat-map/rows/", headers={"HX-Request": "true"})
    page = response.content.decode()
    assert ids(response) == WORST_FIRST
    assert "<html" not in page
    assert "<bdi>Corner &lt;b&gt;Shop&lt;/b&gt;</bdi>" in page
    cells = [list(base64.b64decode(text)) for text in re.findall(r'data-cells="([^"]+)"', page)]
    assert cells == [snapshot.cells[snapshot.row_of(name)].tolist() for name in WORST_FIRST]
    numbers = re.findall(r'<td class="number">(.*?)</td>', page)
    assert numbers[:2] == ["0.00\N{NARROW NO-BREAK SPACE}%", "7 d 0 h"]
    assert numbers[-2:] == ["\N{EN DASH}", "0 min"]


def test_pages_follow_each_other(client, django_assert_max_num_queries):
    for number in range(PAGE + 5):
        add_store(f"s{number:02}", "0" * (PAGE + 5 - number) + "1" * 60)
    take_snapshot()
    first = client.get("/heat-map/rows/")
    assert ids(first) == [f"s{number:02}" for number in range(PAGE)]
    assert "<html" in first.content.decode()
    with django_assert_max_num_queries(10):
        # The last page is a full one, as is that of a place beyond the end.
        last = client.get("/heat-map/rows/?first=50")
    assert ids(last) == ids(client.get("/heat-map/rows/?first=999999")) == ids(last)
    assert ids(last) == [f"s{number:02}" for number in range(5, PAGE + 5)]
    assert ids(client.get("/heat-map/rows/?first=none")) == ids(first)


def test_a_cell_opens_the_page_around_the_store_that_gives_its_value(client, monkeypatch):
    monkeypatch.setattr(picture, "MOST_ROWS", 1)
    fleet()
    add_store("once", "1" * 199 + "0")
    snapshot = take_snapshot()
    hour = snapshot.cells.shape[1] - 1
    snapshot_row = picture.picture_of(snapshot).order[picture.worst_in(snapshot, 0, hour)]
    assert snapshot.cells[snapshot_row, hour] == picture.picture_of(snapshot).cells[0, hour]
    page = client.get(f"/heat-map/rows/?row=0&hour={hour}").content.decode()
    [before] = re.findall(r"(?s)(.*)data-chosen", page)
    assert re.findall(r'href="/stores/([^/"]+)/"', before)[-1] == "down"
    for wrong in ("row=1&hour=0", "row=0&hour=168", "row=-1&hour=0", "row=0"):
        assert "data-chosen" not in client.get(f"/heat-map/rows/?{wrong}").content.decode()


def test_hostile_ids_and_names_are_harmless(client):
    add_store("</td><img src=x>", "0" * 30, name="\u202e<script>alert(1)</script>" + "x" * 150)
    take_snapshot()
    page = client.get("/heat-map/rows/").content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page


def test_without_a_snapshot_it_says_so(client):
    assert client.get("/heat-map.bin").status_code == 404
    assert "There are no numbers yet" in client.get("/heat-map/rows/").content.decode()
    assert "There is no picture yet" in included(None)


@pytest.mark.parametrize("address", ["/heat-map.bin", "/heat-map/rows/"])
def test_only_readers_see_it(client, settings, address):
    settings.ANONYMOUS_SCOPES = []
    fleet()
    take_snapshot()
    assert client.get(address).headers["Location"].startswith("/sign-in/?next=%2Fheat-map")
    client.force_login(get_user_model().objects.create_user("somebody"))
    assert client.get(address).status_code == 403
