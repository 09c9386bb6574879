"""Stores whose hours look wrong, over HTTP, and their hours accepted."""

import json
from datetime import time

import pytest

from tests.database.answers import REFUSALS
from tests.database.dashboard.fleets import add_store
from tests.database.dashboard.test_store_hours import NINE_TO_SIX, late

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/hours_suggestions/"


@pytest.fixture
def fleet():
    add_store("b/late", late(192), hours=[NINE_TO_SIX])
    add_store("right", "1" * 193, hours=[NINE_TO_SIX])
    add_store("a late", late(192), hours=[NINE_TO_SIX, (time(20), time(21))])


def found(client, **query):
    answer = client.get(URL, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_it_lists_stores_with_the_hours_that_would_fit(client, fleet):
    said = found(client)
    assert (said["as_of"], said["count"]) == ("2024-01-17T12:00:00Z", 2)
    first, second = said["results"]
    assert (first["store_id"], second["store_id"]) == ("a late", "b/late")
    assert second["edges"] == [
        {
            "edge": "opens",
            "was": "09:00:00",
            "fits": "10:15:00",
            "weekdays": [0, 1, 2, 3, 4, 5, 6],
            "seen": 7,
            "of": 7,
        }
    ]
    assert len(first["business_hours"]) == 14
    assert {"weekday": 2, "opens": "20:00:00", "closes": "21:00:00"} in first["business_hours"]
    assert found(client, limit=1)["results"] == [first]


def test_it_is_the_same_for_one_store_and_in_pieces(client, settings, fleet):
    whole = found(client)
    assert found(client, store_id="b/late")["results"] == whole["results"][1:]
    assert found(client, store_id="right")["results"] == []
    settings.REPORT_SHARD_POLLS = 1
    assert found(client) == whole


def test_a_patch_with_the_hours_accepts_them(client, fleet):
    (one,) = found(client, store_id="b/late")["results"]
    body = json.dumps({"business_hours": one["business_hours"]})
    answer = client.patch(one["url"], body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["business_hours"] == one["business_hours"]
    assert found(client, store_id="b/late")["results"] == []


def test_it_says_what_cannot_be_asked(client):
    assert client.get(URL).status_code == 409
    add_store("a", "1")
    answer = client.get(URL, {"store_id": "nobody"})
    assert (answer.status_code, answer.json()["code"]) in REFUSALS
    assert client.get(URL, {"limit": 0}).status_code == 400
