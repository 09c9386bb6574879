"""What a webhook is sent: once recorded for each report, sent until it is taken or given up."""

import ipaddress
from datetime import timedelta
from functools import partial
from threading import Event as Flag

import kombu.exceptions
import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from reports import signals
from reports.models import Report
from tests import receiver as answers
from tests.database.answers import complete, failed, queued, running
from tests.database.threads import at_once
from tests.receiver import receiving, status, verify
from webhooks import backoff, deliveries, services, tasks
from webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _loopback_is_allowed(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def clock():
    """A clock that stands still until it is moved."""
    with time_machine.travel(timezone.now(), tick=False) as moved:
        yield moved


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """The messages to workers, which go nowhere."""
    messages = []
    for task in (tasks.announce, tasks.deliver):
        record = partial(_record, messages, task.name)
        monkeypatch.setattr(task, "apply_async", record)
    return messages


def _record(messages, name, *, args, **_):
    messages.append((name, *args))


def make(receiver=None, **values):
    url = receiver.url if receiver else "http://127.0.0.1:1/"
    webhook, secret = services.create_webhook(
        created_by="a test", **{"name": "BI", "url": url, **values}
    )
    webhook.secret = secret
    return webhook


def delivered(report, webhook):
    """Record and attempt the delivery of a report; return it as it is then."""
    deliveries.record_report(report.pk)
    delivery = Delivery.objects.get(report=report, webhook=webhook)
    deliveries.deliver(delivery.pk)
    return fresh(delivery)


def fresh(delivery):
    return Delivery.objects.get(pk=delivery.pk)


def cancelled():
    return queued(status="Cancelled", finished_at=timezone.now())


# Recorded.


def test_it_is_recorded_once_for_each_webhook_that_wants_the_event():
    both, only_failed = make(), make(on_complete=False)
    reports = [complete(), failed(), cancelled(), running(), queued()]

    deliveries.record_all_ended()
    deliveries.record_all_ended()
    for report in reports:
        deliveries.record_report(report.pk)

    found = set(Delivery.objects.values_list("webhook", "report", "event"))
    assert found == {
        (both.pk, reports[0].pk, "report.complete"),
        (both.pk, reports[1].pk, "report.failed"),
        (only_failed.pk, reports[1].pk, "report.failed"),
    }
    assert Delivery.objects.count() == 3


def test_it_is_recorded_for_cancelled_reports_where_these_are_wanted():
    make(on_complete=False, on_failed=False, on_cancelled=True)
    report = cancelled()
    complete()

    deliveries.record_all_ended()

    assert list(Delivery.objects.values_list("report", "event")) == [
        (report.pk, "report.cancelled")
    ]


def test_it_is_recorded_once_by_many_at_once():
    webhook = make()
    report = complete()

    outcomes = at_once(
        *[deliveries.record_all_ended] * 2, *[partial(deliveries.record_report, report.pk)] * 2
    )

    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert Delivery.objects.get().webhook_id == webhook.pk


def test_it_is_not_recorded_for_a_webhook_that_was_deleted_meanwhile():
    gone = make()
    complete()
    Webhook.objects.get(pk=gone.pk).delete()

    deliveries.record_ended(gone)

    assert not Delivery.objects.exists()


def test_it_is_recorded_by_the_sweep_where_the_process_died_before_it_could_tell(clock):
    make()
    report = complete()
    clock.shift(timedelta(days=3))  # Nothing swept in all that time.

    assert tasks.sweep() == 1

    assert Delivery.objects.get().report_id == report.pk


def test_it_is_not_recorded_for_reports_from_before_the_webhook(clock):
    complete()
    clock.shift(1)
    make()

    deliveries.record_all_ended()
    deliveries.record_report(Report.objects.get().pk)

    assert not Delivery.objects.exists()


def test_it_is_recorded_for_an_end_that_becomes_visible_late(clock):
    webhook = make()
    clock.shift(timedelta(hours=5))
    deliveries.record_all_ended()
    webhook.refresh_from_db()
    assert webhook.watched_to == timezone.now()
    complete(finished_at=timezone.now() - timedelta(minutes=50))

    deliveries.record_all_ended()

    assert Delivery.objects.count() == 1


def test_it_is_not_recorded_while_the_webhook_is_switched_off(clock):
    webhook = make()
    services.change_webhook(webhook, active=False)
    complete()
    deliveries.record_all_ended()
    clock.shift(1)
    services.change_webhook(webhook, active=True)
    clock.shift(1)
    after = complete()

    deliveries.record_all_ended()

    assert Delivery.objects.get().report_id == after.pk


def test_it_is_recorded_for_what_ended_before_other_events_were_chosen(clock):
    webhook = make(on_failed=False)
    before, missed = complete(), failed()
    clock.shift(1)

    services.change_webhook(webhook, on_complete=False, on_failed=True)
    clock.shift(1)
    after, unwanted = failed(), complete()
    deliveries.record_all_ended()

    reports = set(Delivery.objects.values_list("report", flat=True))
    assert reports == {before.pk, after.pk}
    assert not reports & {missed.pk, unwanted.pk}


def test_it_cannot_be_recorded_twice_even_by_hand():
    webhook, report = make(), complete()
    deliveries.record_report(report.pk)

    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(
            webhook=webhook,
            report=report,
            event="report.complete",
            attempts_allowed=1,
            created_at=timezone.now(),
            next_attempt_at=timezone.now(),
        )


@pytest.mark.parametrize(
    "values",
    [
        {"status": "Sent"},
        {"event": "report.lost"},
        {"event": "ping"},
        {"next_attempt_at": None},
        {"status": "Delivered", "status_code": 204},
        {"status": "Delivered", "next_attempt_at": None},
        {"status": "Delivered", "next_attempt_at": None, "status_code": 302},
        {"status": "Failed", "next_attempt_at": None, "error": ""},
    ],
)
def test_it_is_kept_consistent_by_the_database(values):
    make()
    deliveries.record_report(complete().pk)

    with pytest.raises(IntegrityError):
        Delivery.objects.update(**values)


def test_it_goes_with_its_report():
    make()
    report = complete()
    deliveries.record_report(report.pk)

    report.delete()

    assert not Delivery.objects.exists()


# Sent.


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
    post = deliveries.attempts.sending.post

    def watched(*arguments):
        inside.append(connection.in_atomic_block)
        return post(*arguments)

    monkeypatch.setattr(deliveries.attempts.sending, "post", watched)
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


def delivered_only(report):
    delivery = Delivery.objects.get(report=report)
    deliveries.deliver(delivery.pk)
    return fresh(delivery)


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
    sending = deliveries.attempts.sending
    assert deliveries.LEASE.total_seconds() > 4 * sending.TOTAL_SECONDS


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
    monkeypatch.setattr(deliveries.attempts.sending, "TOTAL_SECONDS", 2.0)
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
