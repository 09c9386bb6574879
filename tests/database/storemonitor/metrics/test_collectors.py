"""Each collector: what it tells of rows that are made by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_celery_results.models import TaskResult

from access.models import AuditEntry
from dashboard.models import FleetSnapshot
from fleet.models import Poll, Store
from fleet.versions import raise_version
from ingestion.models import Ingestion
from reports.models import Report, Shard
from storemonitor.metrics import data, jobs, processes
from storemonitor.models import Worker
from tests.database.webhooks.deliveries.making import make
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DIGEST = "0" * 64


def told(collector):
    """Return the values by the metric's name without our prefix, and the values of its labels."""
    found = {}
    for metric in collector():
        for sample in metric.samples:
            name = sample.name.removeprefix("storemonitor_")
            found[" ".join([name, *sample.labels.values()])] = sample.value
    return found


@pytest.fixture
def now(clock):
    """The instant at which the clocks stand."""
    return timezone.now()


def ended(now, *, waited, built, status="Complete", ago=MINUTE):
    end = now - ago
    kept = {"file": "reports/x", "row_count": 1, "sha256": DIGEST} if status == "Complete" else {}
    return Report.objects.create(
        as_of=now,
        status=status,
        error="x" if status == "Failed" else "",
        created_at=end - built - waited,
        started_at=end - built,
        finished_at=end,
        **kept,
    )


def test_it_counts_reports_and_measures_those_of_the_last_hour(now):
    Report.objects.create(as_of=now)
    ended(now, waited=2 * MINUTE, built=3 * MINUTE)
    ended(now, waited=4 * MINUTE, built=5 * MINUTE)
    ended(now, waited=MINUTE, built=MINUTE, status="Failed")
    ended(now, waited=MINUTE, built=MINUTE, ago=timedelta(hours=2))
    found = told(jobs.reports)
    assert (found["reports_unfinished Queued"], found["reports_unfinished Running"]) == (1, 0)
    assert (found["reports_ended_1h Complete"], found["reports_ended_1h Failed"]) == (2, 1)
    assert found["report_seconds_1h waiting 0.5"] == 180
    assert found["report_seconds_1h building 1"] == 300


def test_it_says_for_how_long_the_oldest_job_of_each_kind_has_waited(now, settings):
    settings.REPORT_REQUEUE_AFTER = MINUTE
    dead = Report.objects.create(
        as_of=now, status="Running", enqueued_at=now, lease_expires_at=now - 7 * MINUTE
    )
    Report.objects.create(as_of=now, enqueued_at=now - 5 * MINUTE)
    put_off = {"status": "Running", "lease_expires_at": now - MINUTE, "due_at": now + MINUTE}
    Report.objects.create(as_of=now, enqueued_at=now - 50 * MINUTE, **put_off)
    Shard.objects.create(report=dead, number=0, first_key=1, last_key=2, enqueued_at=now - MINUTE)
    # Its message was repeated after one minute and after two more.
    Ingestion.objects.create(
        name="a", status="Queued", upload="uploads/a", enqueued_at=now, announcements=3
    )
    webhook = make()
    common = {"webhook": webhook, "event": "ping", "attempts_allowed": 8, "created_at": now}
    Delivery.objects.create(next_attempt_at=now - 2 * MINUTE, **common)
    Delivery.objects.create(next_attempt_at=now + 2 * MINUTE, **common)
    found = told(jobs.waiting)
    ages = {
        kind: found[f"jobs_waiting_oldest_seconds {kind}"]
        for kind in ("report", "shard", "ingestion", "delivery", "email", "snapshot")
    }
    assert ages == {
        "report": 420,
        "shard": 60,
        "ingestion": 180,
        "delivery": 120,
        "email": 0,
        "snapshot": 0,
    }
    assert (found["jobs_waiting report"], found["jobs_waiting delivery"]) == (2, 1)


def test_it_adds_up_the_files_of_the_last_hour(now):
    common = {"name": "a", "feed": "status", "status": "Complete", "finished_at": now - MINUTE}
    for _ in range(2):
        Ingestion.objects.create(rows_read=12, rows_new=10, rows_rejected=2, **common)
    Ingestion.objects.create(**common | {"finished_at": now - 61 * MINUTE}, rows_read=5, rows_new=5)
    Ingestion.objects.create(**common | {"status": "Failed", "error": "x"})
    found = told(jobs.ingestions)
    assert (found["ingestion_rows_1h new"], found["ingestion_rows_1h rejected"]) == (20, 4)
    assert (found["ingestions_ended_1h Complete"], found["ingestions_ended_1h Failed"]) == (2, 1)


def test_it_counts_messages_that_were_given_up(now):
    common = {"webhook": make(), "event": "ping", "attempts_allowed": 8, "status": "Failed"}
    given_up = {**common, "error": "x", "created_at": now - timedelta(hours=24)}
    Delivery.objects.create(ended_at=now - MINUTE, **given_up)
    Delivery.objects.create(ended_at=now - 61 * MINUTE, **given_up)
    assert told(jobs.messages) == {"messages_failed_1h webhook": 1, "messages_failed_1h email": 0}


def test_it_says_how_old_the_snapshot_is_and_whether_the_data_have_changed(now):
    assert told(jobs.snapshot) == {}
    FleetSnapshot.objects.create(
        status="Complete",
        data_version=0,
        fingerprint=DIGEST,
        as_of=now,
        finished_at=now - MINUTE,
        file="snapshots/x",
    )
    assert told(jobs.snapshot) == {"snapshot_age_seconds": 60, "snapshot_behind": 0}
    raise_version()
    assert told(jobs.snapshot)["snapshot_behind"] == 1


def test_it_says_how_old_the_newest_poll_is_and_who_is_silent(now):
    assert told(data.polls) == {"stores": 0}
    stores = [Store.objects.create(store_id=name) for name in "abc"]
    Poll.objects.create(store=stores[0], polled_at=now - 5 * MINUTE, status=1)
    Store.objects.filter(pk=stores[0].pk).update(last_polled_at=now - 5 * MINUTE, last_status=1)
    long_ago = now - timedelta(days=2)
    Store.objects.filter(pk=stores[1].pk).update(last_polled_at=long_ago, last_status=1)
    found = told(data.polls)
    assert (found["stores"], found["newest_poll_age_seconds"]) == (3, 300)
    silent = {name: found[f"silent_stores {name}"] for name in ("6h", "1d", "7d", "never")}
    assert silent == {"6h": 1, "1d": 1, "7d": 0, "never": 1}


def test_it_says_when_data_were_pruned(now, settings):
    assert told(data.prune) == {"prune_enabled": 0}
    settings.PRUNE_KEEP = timedelta(days=90)
    for outcome, ago in (("done", 9), ("done", 3), ("exit code 1", 1)):
        at = now - timedelta(days=ago)
        AuditEntry.objects.create(who="a", how="schedule", what="prune", outcome=outcome, at=at)
    assert told(data.prune) == {"prune_enabled": 1, "prune_age_seconds": 3 * 86400}


def test_it_tells_who_works_and_whose_clock_is_off(now):
    made = {"processes": 1, "started_at": now - 10 * MINUTE}
    late = timedelta(seconds=-30)
    Worker.objects.create(name="a", pid=1, beat_at=now, clock_ahead=late, **made)
    Worker.objects.create(name="a", pid=2, beat_at=now, clock_ahead=timedelta(seconds=2), **made)
    Worker.objects.create(name="b", pid=1, beat_at=now - 2 * MINUTE, **made)
    TaskResult.objects.create(task_id="x", task_name="reports.sweep", status="SUCCESS")
    TaskResult.objects.update(date_done=now - MINUTE)
    assert told(processes.workers) == {
        "workers alive": 2,
        "workers silent": 1,
        "worker_clock_ahead_seconds a": -30,
        "sweep_age_seconds": 60,
    }


def test_it_counts_messages_in_each_queue(settings, tmp_path):
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(tmp_path)}
    for name in ("1.celery.msg", "2.celery.msg", "3.sweep.msg"):
        (tmp_path / name).touch()
    found = told(processes.queues)
    queues = {name: found[f"queue_messages {name}"] for name in ("celery", "sweep", "messages")}
    assert queues == {"celery": 2, "sweep": 1, "messages": 0}


def test_it_knows_the_space_of_the_media_files_and_the_largest_tables():
    found = told(data.media)
    assert 0 < found["media_free_bytes"] <= found["media_size_bytes"]
    # PostgreSQL has estimated no rows yet, and SQLite knows no bytes.
    assert any(name.startswith(("table_rows ", "table_bytes ")) for name in told(data.tables))
