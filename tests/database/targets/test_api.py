"""Targets over HTTP."""

import json

import pytest

from fleet.models import Store, Tag
from fleet.versions import current_version
from targets.models import Target
from tests.database.answers import REFUSALS

pytestmark = pytest.mark.django_db

TARGETS = "/api/v1/targets/"
SAID = {"name": "All", "scope": "fleet", "percentage": 99.5, "windows": ["7d", "this-month"]}


@pytest.fixture(autouse=True)
def _fleet():
    Store.objects.create(store_id="a:b")
    Tag.objects.create(name="north")


def call(client, method, path, body):
    return getattr(client, method)(path, json.dumps(body), content_type="application/json")


def create(client, **values):
    return call(client, "post", TARGETS, {**SAID, **values})


def test_it_creates_a_target(client):
    answer = create(client)

    assert answer.status_code == 201
    made = answer.json()
    assert {name: made[name] for name in SAID} == SAID
    assert answer["Location"].endswith(f"{TARGETS}{made['id']}/")
    assert client.get(f"{TARGETS}{made['id']}/").json() == made
    assert client.get(TARGETS).json()["results"] == [made]


@pytest.mark.parametrize("scope", ["fleet", "tag:north", "store:a:b"])
def test_it_takes_each_scope(client, scope):
    assert create(client, scope=scope).json()["scope"] == scope


@pytest.mark.parametrize("percentage", [0.01, 99.99, 29.29, 100, 90])
def test_it_takes_each_percentage_as_said(client, percentage):
    assert create(client, percentage=percentage).json()["percentage"] == percentage


def test_it_writes_windows_in_one_way(client):
    assert create(client, windows=["4w", "24h"]).json()["windows"] == ["28d", "24h"]


def test_it_changes_what_is_said_and_nothing_else(client):
    made = create(client).json()
    path = f"{TARGETS}{made['id']}/"

    answer = call(client, "patch", path, {"percentage": 98, "scope": "tag:north"})

    assert answer.json() == {**made, "percentage": 98, "scope": "tag:north"}
    assert client.get(path).json() == answer.json()


def test_it_keeps_its_own_name_when_another_field_changes(client):
    made = create(client).json()
    answer = call(client, "patch", f"{TARGETS}{made['id']}/", {"name": "All", "percentage": 98})
    assert answer.status_code == 200


def test_it_can_change_a_target_whose_tag_is_gone(client):
    made = create(client, scope="tag:north").json()
    Tag.objects.all().delete()
    path = f"{TARGETS}{made['id']}/"
    assert client.get(path).json() == made
    answer = call(client, "patch", path, {"percentage": 98})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "scope")
    assert call(client, "patch", path, {"scope": "fleet"}).status_code == 200


def test_it_deletes_a_target(client):
    path = f"{TARGETS}{create(client).json()['id']}/"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.delete(path).status_code == 404


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"scope": "everything"}, "scope"),
        ({"scope": "tag:"}, "scope"),
        ({"scope": "tag:south"}, "scope"),
        ({"scope": "TAG:north"}, "scope"),
        ({"scope": "store:c"}, "scope"),
        ({"scope": "zone:UTC"}, "scope"),
        ({"percentage": 0}, "percentage"),
        ({"percentage": -1}, "percentage"),
        ({"percentage": 100.01}, "percentage"),
        ({"percentage": 99.555}, "percentage"),
        ({"percentage": 1e300}, "percentage"),
        ({"percentage": "much"}, "percentage"),
        ({"percentage": "99.5"}, "percentage"),
        ({"percentage": True}, "percentage"),
        ({"percentage": None}, "percentage"),
        ({"windows": []}, "windows"),
        ({"windows": "7d"}, "windows"),
        ({"windows": [7]}, "windows"),
        ({"windows": ["soon"]}, "windows"),
        ({"windows": ["7d", "168h"]}, "windows"),
        ({"windows": ["2024-03"]}, "windows"),
        ({"windows": ["400d"]}, "windows"),
        ({"windows": [f"{n}h" for n in range(1, 14)]}, "windows"),
    ],
)
def test_it_names_the_field_that_cannot_be(client, values, field):
    answer = create(client, **values)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) in REFUSALS
    assert field in {fault["field"].split(".")[0] for fault in problem["errors"]}
    assert not Target.objects.exists()


def test_it_refuses_a_second_target_of_a_name(client):
    create(client)
    answer = create(client)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")


def test_a_name_that_was_just_taken_is_refused(client, monkeypatch):
    """As if another request had come between the check and the change."""
    other = create(client, name="Other").json()
    create(client)
    monkeypatch.setattr("targets.http.serializers.check_target", lambda values, **_: values)
    for answer in (
        create(client),
        call(client, "patch", f"{TARGETS}{other['id']}/", {"name": "All"}),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")


def test_there_are_not_too_many(client, monkeypatch):
    monkeypatch.setattr("targets.services.MOST_TARGETS", 1)
    path = f"{TARGETS}{create(client).json()['id']}/"
    answer = create(client, name="Second")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")
    assert call(client, "patch", path, {"percentage": 98}).status_code == 200


def test_all_of_them_together_have_twelve_windows(client):
    assert create(client, windows=[f"{n}h" for n in range(1, 13)]).status_code == 201
    assert create(client, name="Same", windows=["1h", "12h"]).status_code == 201
    answer = create(client, name="Another", windows=["13h"])
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "windows")


def test_each_change_is_one_of_the_data(client):
    """So that reports and snapshots by the old targets are not taken for new ones."""
    versions = [current_version()]
    path = f"{TARGETS}{create(client).json()['id']}/"
    versions.append(current_version())
    call(client, "patch", path, {"percentage": 98})
    versions.append(current_version())
    client.delete(path)
    versions.append(current_version())
    assert versions == sorted(set(versions))
