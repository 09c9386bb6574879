"""Changed schedules, and what became of their reports."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from fleet.models import Store, TimeZone
from reports import signals
from reports.build.ending import fail
from reports.build.services import build_report
from reports.models import Report
from schedules import runs, services, tasks
from schedules.models import Schedule, ScheduledRun
from tests.database.schedules.runs.beginning import BEGUN, begun, fresh, make

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_does_not_go_back_to_what_was_due_before_it_was_made_or_switched_on(clock):
    schedule = make(cadence="weekly", weekday=0)
    services.change_schedule(schedule, active=False)
    clock.shift(timedelta(days=15))
    assert tasks.sweep() == 0

    services.change_schedule(schedule, active=True)

    assert tasks.sweep() == 0
    assert fresh(schedule).next_due_at > timezone.now()


def test_it_counts_by_new_times_from_the_change_on(clock):
    schedule = make()
    services.change_schedule(schedule, hour=13, name="At noon")
    clock.move_to(datetime(2024, 3, 9, 19, 30, tzinfo=UTC))

    assert tasks.sweep() == 1
    assert ScheduledRun.objects.get().period == "2024-03-09"
    assert fresh(schedule).name == "At noon"


def test_it_runs_a_period_once_also_where_the_time_is_moved_back_afterwards(clock):
    schedule = make(hour=13)
    clock.move_to(datetime(2024, 3, 9, 19, 30, tzinfo=UTC))
    tasks.sweep()
    services.change_schedule(schedule, hour=14)
    clock.shift(timedelta(hours=1))

    assert tasks.sweep() == 0

    assert ScheduledRun.objects.count() == 1


def test_it_keeps_what_another_process_moved_on_when_it_is_renamed(clock):
    schedule = make()
    clock.shift(timedelta(days=1))
    tasks.sweep()

    services.change_schedule(schedule, name="Renamed before I looked")

    assert tasks.sweep() == 0
    assert fresh(schedule).next_due_at > timezone.now()


def test_it_says_which_store_is_gone_and_goes_on_the_next_day(clock):
    Store.objects.create(store_id="a")
    make(stores={"ids": ["a"]})
    Store.objects.all().delete()
    clock.shift(timedelta(days=1))

    assert tasks.sweep() == 0

    run = ScheduledRun.objects.get()
    assert (run.status, run.report) == ("Failed", None)
    assert "'a'" in run.error
    Store.objects.create(store_id="a")
    clock.shift(timedelta(days=1))
    assert tasks.sweep() == 1


def test_a_schedule_without_a_known_zone_keeps_no_other_waiting(clock):
    lost, other = make(name="lost"), make()
    TimeZone.objects.create(name="Asia/Atlantis")
    Schedule.objects.filter(pk=lost.pk).update(time_zone_id="Asia/Atlantis")
    clock.shift(timedelta(days=1))

    tasks.sweep()

    assert [run.schedule for run in ScheduledRun.objects.all()] == [other]
    assert not fresh(lost).active


@pytest.mark.parametrize(
    "values",
    [
        {"cadence": "yearly"},
        {"minute": 60},
        {"hour": None},
        {"hour": 24},
        {"weekday": 0},
        {"cadence": "weekly"},
        {"cadence": "weekly", "weekday": 7},
        {"cadence": "hourly"},
        {"cadence": "monthly"},
        {"cadence": "monthly", "day": 0},
        {"cadence": "monthly", "day": 32},
        {"mail_as": "fax"},
        {"mail_when_fine": True},
        {"name": ""},
    ],
)
def test_it_is_kept_consistent_by_the_database(values):
    make()
    with pytest.raises(IntegrityError):
        Schedule.objects.update(**values)


def test_it_is_done_when_its_report_is_complete(clock):
    run = begun(clock)
    runs.settle_ended()
    assert fresh(run).status == "Waiting"
    build_report(run.report_id)

    tasks.go_on()

    assert (fresh(run).status, fresh(run).error) == ("Done", "")


def test_it_fails_with_its_report(clock):
    run = begun(clock)
    fail(run.report_id, "The disk is full.")

    tasks.go_on()

    assert fresh(run).status == "Failed"
    assert fresh(run).error == "The report is Failed. The disk is full."


def test_it_fails_where_its_report_was_deleted(clock):
    run = begun(clock)
    Report.objects.all().delete()

    tasks.sweep()

    assert (fresh(run).status, fresh(run).error) == ("Failed", "The report was deleted.")
    assert Report.objects.count() == 0


def test_it_goes_on_as_soon_as_its_report_ends(clock, sent):
    run = begun(clock)
    other = Report.objects.create(as_of=BEGUN)
    sent.clear()

    signals.tell_ended(other.pk, "Complete")
    assert sent == []
    signals.tell_ended(run.report_id, "Complete")
    assert sent == [("schedules.go_on",)]
