"""A queued ingestion's lease: held by one worker, renewed while anything is slow, then let go."""

import threading
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from feeds.files.sources import from_upload
from fleet.models import Poll
from ingestion import lease, services, tasks
from ingestion.models import Ingestion
from ingestion.queue import queued
from ingestion.storing import loader
from jobs.lease import LeaseLost
from tests.database.waiting import PAST, POLLS, run_out, status, waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("phase", ["before it stores", "while it stores"])
def test_it_stores_nothing_once_another_has_it(monkeypatch, phase):
    record = waiting()
    claimed = queued.claim(record.pk)
    touch = loader._touch

    def lose_then_touch(*arguments):
        Ingestion.objects.update(attempts=2)
        touch(*arguments)

    if phase == "before it stores":
        Ingestion.objects.update(attempts=2)
    else:
        monkeypatch.setattr(loader, "_touch", lose_then_touch)
    with claimed.upload.open("rb") as file:
        source = from_upload(file, "polls.csv", limit=1 << 20)
        with pytest.raises(LeaseLost):
            services.ingest_into(lease.Lease(claimed), source, feed="status")
    assert not Poll.objects.exists()
    record.refresh_from_db()
    assert record.status == "Running"


def test_its_task_ends_quietly_once_another_has_it(monkeypatch):
    record, touch = waiting(), loader._touch

    def lose_then_touch(*arguments):
        Ingestion.objects.update(attempts=2)
        touch(*arguments)

    monkeypatch.setattr(loader, "_touch", lose_then_touch)
    assert tasks.ingest_upload(record.pk) == "Running"
    assert not Poll.objects.exists()


def test_it_writes_how_far_it_has_read(monkeypatch):
    monkeypatch.setattr(lease, "WRITE_SECONDS", -1)
    seen = []
    reading = lease.Lease.reading

    def look(self, *arguments):
        reading(self, *arguments)
        seen.append(Ingestion.objects.get().progress)

    monkeypatch.setattr(lease.Lease, "reading", look)
    queued.ingest_upload(waiting().pk)
    size = len(POLLS.encode())
    assert seen == [{"phase": "reading", "done": size, "total": size, "percent": 100}]


def test_it_writes_rarely():
    record = queued.claim(waiting().pk)
    held = lease.Lease(record)
    expires = record.lease_expires_at
    held.reading(1, 2)
    record.refresh_from_db()
    assert (record.done, record.lease_expires_at) == (0, expires)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite's one writer is storing")
def test_it_renews_its_lease_and_tells_rows_while_it_stores(monkeypatch):
    monkeypatch.setattr(lease, "WRITE_SECONDS", 0.01)
    record = queued.claim(waiting().pk)
    held = lease.Lease(record)
    with held.storing(100):
        run_out(record)
        held.stored(40)
        seen = until_renewed(record, done=40)
    assert seen.progress == {"phase": "storing", "done": 40, "total": 100, "percent": 40}


def until_renewed(record, done=None):
    deadline = timezone.now() + timedelta(seconds=10)
    while timezone.now() < deadline:
        seen = Ingestion.objects.get(pk=record.pk)
        if seen.lease_expires_at > timezone.now() and done in {None, seen.done}:
            return seen
    raise AssertionError("the lease was not renewed")


@pytest.mark.skipif(connection.vendor == "sqlite", reason="in memory, threads share one lock")
@pytest.mark.parametrize("slow", ["open", "save"])
def test_it_renews_its_lease_while_storage_is_slow(monkeypatch, slow):
    keep = lease.Lease.keep
    monkeypatch.setattr(lease.Lease, "keep", lambda self, _: keep(self, timedelta(seconds=0.01)))
    record = waiting(POLLS + "b,asleep,2024-01-15 09:00:00 UTC\n")
    method = getattr(default_storage, slow)
    renewed = []

    def wait_and_go_on(*arguments):
        run_out(record)
        renewed.append(until_renewed(record))
        return method(*arguments)

    monkeypatch.setattr(default_storage._wrapped, slow, wait_and_go_on)
    queued.ingest_upload(record.pk)
    assert len(renewed) == 1
    assert status(record) == "Complete"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite's one writer is storing")
def test_it_renews_nothing_after_it_has_finished(monkeypatch, caplog):
    monkeypatch.setattr(lease, "WRITE_SECONDS", 0.01)
    record = queued.claim(waiting().pk)
    held = lease.Lease(record)
    with held.storing(100), transaction.atomic():
        held.finish(status="Complete", finished_at=timezone.now())
        assert not [each for each in threading.enumerate() if each.name.startswith("lease of")]
    assert status(record) == "Complete"
    assert "no longer belongs" not in caplog.text


def test_it_leaves_a_row_alone_that_the_sweep_ended():
    record = Ingestion.objects.create(
        name="a.csv", requested_by="a test", lease_expires_at=timezone.now() + PAST
    )
    assert services.sweep() == 1
    assert not lease.Lease(record).renew()
    before = record.lease_expires_at
    record.refresh_from_db()
    assert record.lease_expires_at == before


@pytest.mark.skipif(connection.vendor != "sqlite", reason="others can tell rows")
def test_it_says_on_sqlite_that_it_stores_and_no_more():
    record = queued.claim(waiting().pk)
    with lease.Lease(record).storing(100):
        seen = Ingestion.objects.get(pk=record.pk).progress
    assert seen == {"phase": "storing", "done": 0, "total": 100, "percent": 0}
    assert connection.vendor == "sqlite"
