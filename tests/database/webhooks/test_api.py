"""Webhooks over HTTP."""

import ipaddress
import json
from uuid import UUID

import pytest

from tests.database.answers import REFUSALS, complete
from tests.receiver import receiving, status, verify
from webhooks import deliveries, tasks
from webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db(transaction=True)

WEBHOOKS = "/api/v1/webhooks/"
# The same in every process that collects these tests.
NOBODY = UUID(int=4)
SAID = {"name": "BI", "url": "https://bi.example.com/hooks"}


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """The queued deliveries."""
    told = []
    monkeypatch.setattr(tasks, "enqueue", lambda delivery: told.append(delivery.pk))
    return told


def call(client, method, path, body=None):
    send = getattr(client, method)
    if body is None:
        return send(path)
    return send(path, json.dumps(body), content_type="application/json")


def create(client, **values):
    return call(client, "post", WEBHOOKS, {**SAID, **values})


def test_it_creates_a_webhook_and_shows_its_secret_once(client):
    answer = create(client)

    assert answer.status_code == 201
    made = answer.json()
    assert made.pop("secret").startswith("whsec_")
    assert made["events"] == ["report.complete", "report.failed"]
    assert (made["name"], made["url"], made["active"]) == ("BI", SAID["url"], True)
    assert answer["Location"].endswith(f"{WEBHOOKS}{made['id']}/")
    assert client.get(f"{WEBHOOKS}{made['id']}/").json() == made
    assert client.get(WEBHOOKS).json()["results"] == [made]


def test_it_keeps_the_secret_out_of_the_database(client):
    secret = create(client).json()["secret"].removeprefix("whsec_")
    assert secret not in str(Webhook.objects.values().get())


def test_it_changes_what_is_said_and_nothing_else(client):
    made = create(client).json()
    path = f"{WEBHOOKS}{made['id']}/"

    answer = call(client, "patch", path, {"events": ["report.cancelled"], "active": False})

    secret = made.pop("secret")
    assert answer.json() == {**made, "events": ["report.cancelled"], "active": False}
    assert client.get(path).json() == answer.json()
    assert secret not in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "BI"}, "url"),
        ({**SAID, "url": "gopher://example.com/"}, "url"),
        ({**SAID, "url": "http://169.254.169.254/"}, "url"),
        ({**SAID, "url": "http://[::ffff:127.0.0.1]/"}, "url"),
        ({**SAID, "url": "https://user:password@example.com/"}, "url"),
        ({**SAID, "events": []}, "events"),
        ({**SAID, "events": ["ping"]}, "events"),
        ({**SAID, "events": "report.complete"}, "events"),
        ({**SAID, "secret": "mine"}, "secret"),
        ({**SAID, "name": "x" * 101}, "name"),
    ],
)
def test_it_refuses_what_makes_no_webhook(client, body, field):
    answer = call(client, "post", WEBHOOKS, body)

    assert (answer.status_code, answer.json()["code"]) in REFUSALS
    assert field in answer.json()["detail"]
    assert not Webhook.objects.exists()


def test_it_deletes_a_webhook_with_its_deliveries(client):
    made = create(client).json()
    deliveries.record_report(complete().pk)

    assert client.delete(f"{WEBHOOKS}{made['id']}/").status_code == 204

    assert not Webhook.objects.exists()
    assert not Delivery.objects.exists()


def test_it_rotates_the_secret(client):
    made = create(client).json()

    rotated = client.post(f"{WEBHOOKS}{made['id']}/rotate/")

    assert rotated.status_code == 200
    assert rotated.json()["secret"] not in {made["secret"], None}
    assert rotated.json()["previous_until"] is not None


def test_it_pings(client, told, settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    with receiving() as receiver:
        receiver.answers = [status(200, b"pong")]
        made = create(client, url=receiver.url).json()
        answer = client.post(f"{WEBHOOKS}{made['id']}/test/")
        assert answer.status_code == 202
        assert told == [Delivery.objects.get().pk]
        deliveries.deliver(told[0])

    ping = client.get(answer["Location"]).json()
    assert (ping["event"], ping["report"], ping["status"]) == ("ping", None, "Delivered")
    assert (ping["status_code"], ping["response"]) == (200, "pong")
    [received] = receiver.received
    assert verify(made["secret"], received)
    assert received.json["type"] == "ping"
    assert received.json["data"] == {"webhook": {"id": made["id"], "name": "BI"}}


def test_it_pings_once_and_does_not_insist(client, told):
    made = create(client, url="https://nowhere.invalid/").json()
    answer = client.post(f"{WEBHOOKS}{made['id']}/test/")
    deliveries.deliver(told[0])

    ping = client.get(answer["Location"]).json()
    assert (ping["status"], ping["attempts"]) == ("Failed", 1)
    assert ping["error"]


def test_it_lists_deliveries_newest_first_by_pages(client):
    made, other = create(client).json(), create(client).json()
    reports = [complete() for _ in range(3)]
    for report in reports:
        deliveries.record_report(report.pk)

    listed = client.get(f"{WEBHOOKS}{made['id']}/deliveries/").json()

    assert [one["report"] for one in listed["results"]] == [
        str(report.pk) for report in reversed(reports)
    ]
    assert listed["next"] is None
    own = f"{WEBHOOKS}{other['id']}/deliveries/{listed['results'][0]['id']}/"
    assert client.get(own).status_code == 404


def test_it_sends_a_delivery_again(client, told):
    made = create(client).json()
    deliveries.record_report(complete().pk)
    delivery = Delivery.objects.get()
    path = f"{WEBHOOKS}{made['id']}/deliveries/{delivery.pk}/retry/"
    Delivery.objects.update(
        status="Failed", error="It answered 500.", next_attempt_at=None, attempts=8
    )

    answer = client.post(path)

    assert (answer.status_code, answer.json()["status"]) == (202, "Pending")
    assert told == [delivery.pk]
    deliveries.claim(delivery.pk)
    refused = client.post(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "delivery_in_progress")


@pytest.mark.parametrize(
    "path",
    [
        "0/",
        "0/rotate/",
        "0/test/",
        "0/deliveries/",
        f"0/deliveries/{NOBODY}/",
        "x/",
        f"{10**30}/",
        f"{10**30}/deliveries/{NOBODY}/",
    ],
)
def test_it_says_that_there_is_no_such_webhook(client, path):
    method = "post" if path.endswith(("rotate/", "test/")) else "get"
    assert getattr(client, method)(f"{WEBHOOKS}{path}").status_code == 404


def test_it_refuses_unknown_parameters(client):
    assert client.get(f"{WEBHOOKS}?active=true").status_code == 400


@pytest.mark.parametrize("scopes", [[], ["read", "ingest"]])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("post", ""),
        ("get", "{id}/"),
        ("patch", "{id}/"),
        ("delete", "{id}/"),
        ("post", "{id}/rotate/"),
        ("post", "{id}/test/"),
        ("get", "{id}/deliveries/"),
    ],
)
def test_it_is_for_admins_only(client, settings, scopes, method, path):
    made = create(client).json()
    settings.ANONYMOUS_SCOPES = scopes

    answer = getattr(client, method)(f"{WEBHOOKS}{path.format(id=made['id'])}")

    assert answer.status_code in {401, 403}
    assert Webhook.objects.count() == 1
