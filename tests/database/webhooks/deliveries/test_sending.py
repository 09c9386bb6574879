"""A delivery is posted, signed, until it is accepted or given up."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from api.errors.reasons import DATABASE, INTERNAL
from tests import receiver as answers
from tests.database.answers import complete, failed
from tests.database.threads import at_once
from tests.database.webhooks.deliveries.making import delivered, delivered_only, fresh, make
from tests.receiver import status, verify
from webhooks import backoff, deliveries, services, tasks
from webhooks.models import Webhook

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_posted_signed_with_the_report(receiver, settings):
    settings.SITE_URL = "https://monitor.example.com"
    webhook = make(receiver)
    report = complete(requested_by="schedule Weekly")

    delivery = delivered(report, webhook)

    assert (delivery.status, delivery.status_code, delivery.attempts) == ("Delivered", 204, 1)
    assert delivery.took is not None
    [received] = receiver.received
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == str(delivery.pk)
    assert verify(webhook.secret, received)
    assert not verify(services.rotate_secret(make()), received)
    address = f"https://monitor.example.com/api/v1/reports/{report.pk}/"
    said = received.json
    assert said["type"] == "report.complete"
    assert said["timestamp"] == said["data"]["finished_at"]
    assert said["data"] == {
        "id": str(report.pk),
        "status": "Complete",
        "kind": "uptime",
        "as_of": "2023-01-25T18:13:22.479220Z",
        "requested_by": "schedule Weekly",
        "finished_at": said["timestamp"],
        "error": "",
        "row_count": report.row_count,
        "size": report.size,
        "sha256": report.sha256,
        "url": address,
        "download": f"{address}download/",
    }


def test_it_says_why_a_report_failed(receiver):
    webhook = make(receiver)

    delivered(failed("RuntimeError: the disk is full"), webhook)

    data = receiver.received[0].json["data"]
    assert (data["status"], data["error"]) == ("Failed", "RuntimeError: the disk is full")
    assert data["download"] is None
    assert data["url"].startswith("/api/v1/reports/")


def test_it_is_sent_outside_of_any_transaction(receiver, monkeypatch):
    webhook = make(receiver)
    inside = []
    post = deliveries.attempts.posting.post

    def watched(*arguments):
        inside.append(connection.in_atomic_block)
        return post(*arguments)

    monkeypatch.setattr(deliveries.attempts.posting, "post", watched)
    delivered(complete(), webhook)

    assert inside == [False]


def test_it_is_sent_again_until_it_is_taken(receiver, clock):
    webhook = make(receiver)
    receiver.answers = [status(500, b"no"), answers.drop, status(302), status(200, b"yes")]
    delivery = delivered(complete(), webhook)

    told = []
    while delivery.status == "Pending":
        told.append((delivery.status_code, delivery.error, delivery.response))
        assert tasks.sweep() == 0
        clock.move_to(delivery.next_attempt_at)
        assert tasks.sweep() == 1
        deliveries.deliver(delivery.pk)
        delivery = fresh(delivery)

    assert (delivery.status, delivery.attempts, delivery.error) == ("Delivered", 4, "")
    assert delivery.response == "yes"
    assert told[0] == (500, "It answered 500.", "no")
    assert told[1][0] is None
    assert "redirects are not followed" in told[2][1]
    ids = {received.headers["webhook-id"] for received in receiver.received}
    assert ids == {str(delivery.pk)}
    assert len({received.body for received in receiver.received}) == 1
    stamps = [int(received.headers["webhook-timestamp"]) for received in receiver.received]
    assert stamps == sorted(set(stamps))
    for stamp, received in zip(stamps, receiver.received, strict=True):
        assert verify(webhook.secret, received, at=stamp)


def test_it_fails_at_once_by_a_fault_of_ours(receiver, monkeypatch):
    webhook, report = make(receiver), complete()
    deliveries.record_report(report.pk)
    delivery = webhook.deliveries.get()
    monkeypatch.setattr(deliveries.attempts.payload, "body_of", lambda _: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        deliveries.deliver(delivery.pk)

    delivery = fresh(delivery)
    assert (delivery.status, delivery.attempts, delivery.error) == ("Failed", 1, INTERNAL)
    assert delivery.ended_at is not None


def test_its_task_ends_quietly_once_another_has_it(receiver, clock, monkeypatch):
    webhook, report = make(receiver), complete()
    deliveries.record_report(report.pk)
    delivery = webhook.deliveries.get()

    def overtaken(_):
        clock.shift(deliveries.LEASE)
        assert deliveries.claim(delivery.pk)
        raise ZeroDivisionError

    monkeypatch.setattr(deliveries.attempts.payload, "body_of", overtaken)
    assert tasks.deliver(str(delivery.pk)) == "Pending"
    assert (fresh(delivery).attempts, fresh(delivery).error) == (2, "")


def test_it_is_sent_later_where_the_database_was_away(receiver, clock, monkeypatch):
    webhook, report = make(receiver), complete()
    deliveries.record_report(report.pk)
    delivery = webhook.deliveries.get()
    with monkeypatch.context() as patched:

        def away(_):
            raise OperationalError("connection lost")

        patched.setattr(deliveries.attempts.payload, "body_of", away)
        with pytest.raises(OperationalError):
            deliveries.deliver(delivery.pk)

    delivery = fresh(delivery)
    assert (delivery.status, delivery.error) == ("Pending", DATABASE)
    assert delivery.ended_at is not None, "it is not under way"
    clock.move_to(delivery.next_attempt_at)
    assert tasks.sweep() == 1
    assert deliveries.deliver(delivery.pk)
    assert fresh(delivery).status == "Delivered"


def test_it_is_given_up_after_about_a_day(receiver, clock):
    webhook = make(receiver)
    receiver.answers = [status(503)]
    begun = timezone.now()
    delivery = delivered(complete(), webhook)
    while delivery.status == "Pending":
        clock.move_to(delivery.next_attempt_at)
        deliveries.deliver(delivery.pk)
        delivery = fresh(delivery)

    assert (delivery.status, delivery.attempts) == ("Failed", backoff.MAX_ATTEMPTS)
    assert len(receiver.received) == backoff.MAX_ATTEMPTS
    assert timedelta(hours=15) < timezone.now() - begun < timedelta(hours=30)
    assert deliveries.deliver(delivery.pk) is None


def test_it_waits_as_long_as_it_is_asked_to(receiver, clock):
    webhook = make(receiver)
    receiver.answers = [status(429, Retry_After="3600")]

    delivery = delivered(complete(), webhook)

    assert delivery.next_attempt_at == timezone.now() + timedelta(hours=1)


def test_it_switches_a_webhook_off_whose_receiver_is_gone(receiver):
    webhook = make(receiver)
    receiver.answers = [status(410)]
    waiting = complete()
    deliveries.record_report(waiting.pk)

    delivery = delivered(complete(), webhook)

    webhook.refresh_from_db()
    assert (delivery.status, delivery.status_code) == ("Failed", 410)
    assert (webhook.active, webhook.inactive_because[:20]) == (False, "It answered 410 Gone")
    other = delivered_only(waiting)
    assert (other.status, other.error) == ("Failed", "The webhook is switched off.")
    assert len(receiver.received) == 1


def test_it_forgets_why_it_was_switched_off_when_switched_on(receiver):
    webhook = make(receiver)
    Webhook.objects.update(active=False, inactive_because="It answered 410 Gone.")
    webhook.refresh_from_db()

    services.change_webhook(webhook, active=True)

    assert Webhook.objects.get().inactive_because == ""


def test_it_keeps_a_secret_that_was_rotated_while_the_webhook_was_changed():
    stale = make()
    rotated = services.rotate_secret(Webhook.objects.get())

    services.change_webhook(stale, name="renamed", active=False)

    kept = Webhook.objects.get()
    assert (kept.name, kept.active) == ("renamed", False)
    assert deliveries.attempts.signing.secret_of(kept.secret_seed) == rotated


def test_it_does_not_sign_with_another_secret_than_was_shown(receiver, settings):
    webhook = make(receiver)
    settings.SECRET_KEY = "the key of another machine"

    delivery = delivered(complete(), webhook)

    assert delivery.status == "Pending"
    assert "SECRET_KEY is not the one" in delivery.error
    assert receiver.received == []


def test_it_is_signed_with_the_old_secret_too_for_a_day_after_a_rotation(receiver, clock):
    webhook = make(receiver)
    new = services.rotate_secret(webhook)
    delivered(complete(), webhook)
    clock.shift(timedelta(days=1, seconds=1))
    delivered(complete(), webhook)

    first, second = receiver.received
    at = [int(received.headers["webhook-timestamp"]) for received in (first, second)]
    assert verify(new, first, at=at[0])
    assert verify(webhook.secret, first, at=at[0])
    assert verify(new, second, at=at[1])
    assert not verify(webhook.secret, second, at=at[1])


@pytest.mark.parametrize(
    "data", [b"OK\0 \x1b[31m\n2026-01-01 INFO\r\n\r\n", b"HTTP/2\0 200\r\n\r\n", b"x" * 60_000]
)
def test_it_tells_in_one_short_line_what_no_server_says(receiver, caplog, data):
    webhook = make(receiver)
    receiver.answers = [answers.say(data)]

    delivery = delivered(complete(), webhook)

    assert (delivery.status, delivery.attempts) == ("Pending", 1)
    assert delivery.ended_at is not None
    assert delivery.error.isprintable()
    assert 10 < len(delivery.error) < 300
    assert delivery.error in caplog.text


def test_of_two_rotations_at_once_both_secrets_sign(receiver):
    webhook = make(receiver)
    both = [Webhook.objects.get() for _ in range(2)]

    secrets = at_once(*(partial(services.rotate_secret, one) for one in both))
    delivered(complete(), webhook)

    [received] = receiver.received
    assert [verify(secret, received) for secret in secrets] == [True, True]
