"""A delivery is claimed by one worker at a time, and queued."""

from functools import partial
from threading import Event as Flag

import kombu.exceptions
import pytest
from django.utils import timezone

from reports import signals
from tests import receiver as answers
from tests.database.answers import complete
from tests.database.threads import at_once
from tests.database.webhooks.deliveries.making import delivered, fresh, make
from tests.receiver import status
from webhooks import backoff, deliveries, services, tasks
from webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db(transaction=True)


# Claimed.


def test_it_is_claimed_by_one_of_many_workers():
    make()
    [delivery_id] = deliveries.record_report(complete().pk)

    claims = at_once(*[partial(deliveries.claim, delivery_id)] * 4)

    [won] = [claim for claim in claims if claim is not None]
    assert won.attempts == 1
    assert fresh(won).attempts == 1


def test_it_is_sent_again_under_the_same_id_when_the_worker_died_after_the_post(receiver, clock):
    webhook = make(receiver)
    [delivery_id] = deliveries.record_report(complete().pk)
    deliveries.attempts.attempt(deliveries.claim(delivery_id))  # And then the worker is killed.
    assert deliveries.claim(delivery_id) is None
    clock.shift(deliveries.LEASE)

    assert tasks.sweep() == 1
    deliveries.deliver(delivery_id)

    done = Delivery.objects.get()
    assert (done.status, done.attempts) == ("Delivered", 2)
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert webhook.deliveries.count() == 1


def test_it_is_given_up_when_the_worker_died_at_the_last_attempt(clock):
    make()
    [delivery_id] = deliveries.record_report(complete().pk)
    Delivery.objects.update(attempts=backoff.MAX_ATTEMPTS - 1)
    deliveries.claim(delivery_id)
    clock.shift(deliveries.LEASE)

    assert tasks.sweep() == 0

    lost = Delivery.objects.get()
    assert (lost.status, lost.next_attempt_at) == ("Failed", None)
    assert "The worker died" in lost.error


def test_it_is_left_alone_by_a_worker_that_comes_too_late(receiver, clock):
    make(receiver)
    [delivery_id] = deliveries.record_report(complete().pk)
    late = deliveries.claim(delivery_id)
    clock.shift(deliveries.LEASE)
    deliveries.deliver(delivery_id)
    before = Delivery.objects.values().get()

    deliveries.settle(late, deliveries.Outcome(error="It answered 500.", status_code=500))

    assert Delivery.objects.values().get() == before


def test_it_cannot_outlive_its_lease():
    posting = deliveries.attempts.posting
    assert deliveries.LEASE.total_seconds() > 4 * posting.TOTAL_SECONDS


# Sent again by hand.


@pytest.mark.parametrize("code", [200, 410])
def test_it_can_be_sent_again_whatever_it_came_to(receiver, code):
    webhook = make(receiver)
    receiver.answers = [status(code), status(200, b"again")]
    delivery = delivered(complete(), webhook)
    services.change_webhook(Webhook.objects.get(), active=True)

    deliveries.send_again(delivery)
    waiting = fresh(delivery)
    deliveries.deliver(delivery.pk)

    assert (waiting.status, waiting.attempts_allowed) == ("Pending", 1 + backoff.MAX_ATTEMPTS)
    assert (fresh(delivery).status, fresh(delivery).response) == ("Delivered", "again")
    assert len({received.headers["webhook-id"] for received in receiver.received}) == 1


def test_it_begins_with_short_pauses_again_when_sent_by_hand(receiver, clock):
    webhook = make(receiver)
    receiver.answers = [status(410), status(500)]
    delivery = delivered(complete(), webhook)
    services.change_webhook(Webhook.objects.get(), active=True)
    deliveries.send_again(delivery)
    deliveries.deliver(delivery.pk)

    pause = fresh(delivery).next_attempt_at - timezone.now()
    assert pause < backoff.DELAYS[0] * 2


def test_it_need_not_wait_for_its_next_attempt(receiver, clock):
    webhook = make(receiver)
    receiver.answers = [status(500), status(200)]
    delivery = delivered(complete(), webhook)

    deliveries.send_again(delivery)
    deliveries.deliver(delivery.pk)

    assert fresh(delivery).status == "Delivered"


def test_it_is_not_sent_by_two_at_once(receiver):
    webhook = make(receiver)
    [delivery_id] = deliveries.record_report(complete().pk)
    claimed = deliveries.claim(delivery_id)

    with pytest.raises(deliveries.InProgress):
        deliveries.send_again(claimed)

    assert webhook.deliveries.get().attempts_allowed == backoff.MAX_ATTEMPTS


# Told.


def test_it_is_told_to_workers_at_once_when_a_report_ends(sent):
    make()
    report = complete()

    signals.tell_ended(report.pk, "Complete")
    tasks.announce(str(report.pk))

    delivery = Delivery.objects.get()
    assert sent == [
        ("webhooks.announce", str(report.pk)),
        ("webhooks.deliver", str(delivery.pk)),
    ]


def test_it_tells_nobody_where_there_is_no_webhook(sent):
    make(active=False)

    signals.tell_ended(complete().pk, "Complete")

    assert sent == []


def test_it_waits_for_the_sweep_when_the_broker_is_away(monkeypatch, caplog):
    make()
    report = complete()

    def unreachable(**_):
        raise kombu.exceptions.OperationalError("connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(tasks.announce, "apply_async", unreachable)
        signals.tell_ended(report.pk, "Complete")

    assert "waits for the sweep" in caplog.text
    assert tasks.sweep() == 1


def test_it_hands_out_so_many_at_a_time(monkeypatch, sent):
    monkeypatch.setattr(tasks, "MAX_AT_ONCE", 2)
    make()
    for _ in range(3):
        complete()

    assert tasks.sweep() == 2
    assert len(sent) == 2


def test_it_does_not_keep_others_waiting_while_a_receiver_hangs(receiver, monkeypatch):
    monkeypatch.setattr(deliveries.attempts.posting, "TOTAL_SECONDS", 2.0)
    slow, quick = make(receiver, name="slow"), make(receiver, name="quick")
    came = Flag()

    def hang(handler, receiver):
        came.set()
        answers.hang(handler, receiver)

    receiver.answers = [hang, status(200)]
    deliveries.record_report(complete().pk)
    ids = {delivery.webhook_id: delivery.pk for delivery in Delivery.objects.all()}

    def after():
        came.wait(10)
        deliveries.deliver(ids[quick.pk])
        return fresh(Delivery(pk=ids[slow.pk])).status

    _, meanwhile = at_once(partial(deliveries.deliver, ids[slow.pk]), after)

    assert meanwhile == "Pending"
    assert Delivery.objects.get(webhook=quick).status == "Delivered"
    assert "no answer within" in Delivery.objects.get(webhook=slow).error
