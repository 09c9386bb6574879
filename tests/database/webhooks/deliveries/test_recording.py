"""A delivery is recorded once for each webhook and report."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from reports.models import Report
from tests.database.answers import complete, failed, queued, running
from tests.database.threads import at_once
from tests.database.webhooks.deliveries.making import cancelled, make
from webhooks import deliveries, services, tasks
from webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db(transaction=True)


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
