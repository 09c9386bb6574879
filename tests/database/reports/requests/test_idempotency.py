"""The same key and request find the same report."""

from functools import partial

import kombu.exceptions
import pytest
from django.test import Client

from reports import tasks
from reports.build.services import build_report
from reports.models import IdempotencyKey, Report
from tests.database.files import ingest_polls
from tests.database.reports.requests.asking import NOON, ask, fault
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_key_and_request_find_the_same_report(client, told):
    first = ask(client, key="k", windows="24h")
    second = ask(client, key='"k"', windows=["1d"])
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert second["Location"] == first["Location"]
    assert told == [Report.objects.get().pk]

    build_report(Report.objects.get().pk)
    third = ask(client, key="k", windows="24h")
    assert (third.status_code, third.json()["status"]) == (200, "Complete")


def test_a_key_stays_with_its_report_when_newer_polls_come(client):
    first = ask(client, key="k").json()
    ingest_polls("a,inactive,2024-01-15T11:30:00Z")
    assert ask(client, key="k").json()["as_of"] == first["as_of"]
    assert ask(client, key="k2").json()["as_of"] == "2024-01-15T11:30:00Z"


@pytest.mark.parametrize("other", [{"windows": "1h"}, {"as_of": NOON}, {"reuse": True}])
def test_the_same_key_with_another_request_is_refused(client, other):
    ask(client, key="k")
    response = ask(client, key="k", **other)
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert Report.objects.count() == 1


def test_a_key_is_known_of_one_sender_only(client):
    ask(client, key="k")
    other = Client(REMOTE_ADDR="10.0.0.9")
    response = ask(other, key="k", windows="24h")
    assert response.status_code == 202
    assert "Idempotency-Replayed" not in response


def test_a_key_goes_with_its_report(client):
    url = ask(client, key="k").json()["url"]
    client.post(f"{url}cancel/")
    client.delete(url)
    assert not IdempotencyKey.objects.exists()
    assert ask(client, key="k", windows="24h").status_code == 202


def test_a_key_is_given_back_when_the_report_could_not_be_queued(client, monkeypatch):
    def unreachable(_):
        raise kombu.exceptions.OperationalError("redis is away")

    with monkeypatch.context() as broken:
        broken.setattr(tasks, "enqueue", unreachable)
        assert ask(client, key="k").status_code == 503
    response = ask(client, key="k")
    assert response.status_code == 202
    assert "Idempotency-Replayed" not in response


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "clé", "a\tb"])
def test_it_refuses_a_key_that_is_none(client, key):
    assert fault(ask(client, key=key))[0] == "Idempotency-Key"


def test_twins_make_one_report(told):
    clients = [Client() for _ in range(4)]
    answers = at_once(*(partial(ask, client, key="k", windows="24h") for client in clients))
    assert {answer.status_code for answer in answers} == {202}
    [report] = Report.objects.all()
    assert {answer.json()["id"] for answer in answers} == {str(report.pk)}
    assert sum("Idempotency-Replayed" not in answer for answer in answers) == 1
    assert told == [report.pk]
