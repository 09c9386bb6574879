"""Webhooks and e-mails from real workers, one of which is killed in the middle of a message."""

import json

import pytest

from tests.end_to_end.stack import until
from tests.receiver import hang, receiving, status, verify

JSON = {"Content_Type": "application/json"}
DUE_LONG_AGO = (
    "UPDATE schedules_schedule SET next_due_at = created_at, active_since = '2024-01-01 00:00:00'"
)


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


def create(stack, path, **body):
    made = stack.call("POST", path, json.dumps(body), **JSON)
    assert made.status == 201, made.body
    return made.json


def test_it_sends_again_under_the_same_id_when_the_worker_is_killed_after_the_post(
    filled, receiver
):
    def kill(handler, receiver):
        filled.kill("worker")
        hang(handler, receiver)

    receiver.answers = [kill, status(200, b"taken")]
    webhook = create(filled, "/api/v1/webhooks/", name="BI", url=receiver.url)
    report_id = filled.trigger()
    until(lambda: receiver.received)
    deliveries = f"/api/v1/webhooks/{webhook['id']}/deliveries/"
    [cut_short] = filled.get(deliveries).json["results"]
    assert (cut_short["status"], cut_short["attempts"]) == ("Pending", 1)

    # What the lease is waited for otherwise.
    filled.query("UPDATE webhooks_delivery SET next_attempt_at = created_at")
    until(lambda: "worker" not in filled._groups)
    filled.start_worker()

    def delivered():
        [delivery] = filled.get(deliveries).json["results"]
        return delivery if delivery["status"] == "Delivered" else None

    assert until(delivered)["attempts"] == 2
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == cut_short["id"]
    assert first.body == second.body
    assert verify(webhook["secret"], second)
    assert second.json["data"]["id"] == report_id
    filled.call("DELETE", f"/api/v1/webhooks/{webhook['id']}/")


def test_it_makes_a_report_by_the_clock_and_tells_people_and_programs(filled, receiver, box):
    box.received.clear()
    webhook = create(filled, "/api/v1/webhooks/", name="BI", url=receiver.url)
    schedule = create(
        filled,
        "/api/v1/schedules/",
        name="Each hour",
        cadence="hourly",
        recipients=["ops@example.com"],
        mail_as="attachment",
    )
    runs = f"/api/v1/schedules/{schedule['id']}/runs/"
    assert filled.get(runs).json["results"] == []

    filled.query(DUE_LONG_AGO)

    def done():
        [*found] = filled.get(runs).json["results"]
        return found if found and found[0]["status"] == "Done" else None

    [run] = until(done)
    [(_, recipients, message)] = box.received
    assert recipients == ["ops@example.com"]
    [attached] = message.iter_attachments()
    assert attached.get_payload(decode=True) == filled.download(run["report"])
    until(lambda: receiver.received)
    data = receiver.received[0].json["data"]
    assert (data["id"], data["as_of"]) == (run["report"], run["due_at"])
    assert data["requested_by"] == "schedule Each hour"
    filled.call("DELETE", f"/api/v1/schedules/{schedule['id']}/")
    filled.call("DELETE", f"/api/v1/webhooks/{webhook['id']}/")
