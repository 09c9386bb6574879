"""The life of a file that waits for a worker: claimed, held, retaken, finished, removed."""

import errno
import threading
from datetime import timedelta

import pytest
from botocore.exceptions import ReadTimeoutError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from s3transfer.exceptions import RetriesExceededError

from ingestion import lease, loader, queued, services, tasks
from ingestion.lease import LeaseLost
from ingestion.models import Ingestion, Poll
from ingestion.sources import from_upload
from tests.database.files import STATUS, counts, csv

pytestmark = pytest.mark.django_db(transaction=True)

POLLS = csv(STATUS, *(f"a,active,2024-01-15 09:00:{n % 60:02}.{n:06} UTC" for n in range(500)))
PAST = timedelta(seconds=-1)


def waiting(text=POLLS):
    upload = SimpleUploadedFile("polls.csv", text.encode())
    return queued.request_ingestion(upload, name="polls.csv", requested_by="a test")


def uploads():
    return default_storage.listdir("uploads")[1]


def abandoned(attempts=1):
    """An ingestion whose worker died."""
    record = waiting()
    Ingestion.objects.filter(pk=record.pk).update(
        status="Running",
        attempts=attempts,
        started_at=timezone.now(),
        lease_expires_at=timezone.now() + PAST,
        enqueued_at=timezone.now() + 2 * PAST,
    )
    return record


def run_out(record):
    Ingestion.objects.filter(pk=record.pk).update(lease_expires_at=timezone.now() + PAST)


def test_it_ingests_a_file_that_waited():
    record = waiting()
    queued.ingest_upload(record.pk)
    record.refresh_from_db()
    assert (record.status, record.attempts, record.upload.name) == ("Complete", 1, "")
    assert counts(record) == {"read": 500, "new": 500}
    assert Poll.objects.count() == 500
    assert uploads() == []


def test_it_ingests_a_file_once_however_often_it_is_told():
    record = waiting()
    for _ in range(2):
        queued.ingest_upload(record.pk)
    record.refresh_from_db()
    assert (record.attempts, record.rows_new) == (1, 500)


def test_it_leaves_alone_what_another_worker_holds():
    record = waiting()
    assert queued.claim(record.pk).attempts == 1
    assert queued.claim(record.pk) is None
    assert queued.sweep() == []


def test_it_fails_a_file_that_cannot_be_used():
    record = waiting("name,age\n")
    queued.ingest_upload(record.pk)
    record.refresh_from_db()
    assert record.status == "Failed"
    assert "header" in record.error
    assert uploads() == []


def test_it_fails_at_once_but_keeps_the_file_for_an_error_of_ours(monkeypatch):
    monkeypatch.setattr(loader, "_touch", lambda *_: 1 / 0)
    record = waiting()
    with pytest.raises(ZeroDivisionError):
        queued.ingest_upload(record.pk)
    assert tasks.sweep() == 0
    record.refresh_from_db()
    assert (record.status, record.rows_new, Poll.objects.count()) == ("Failed", 0, 0)
    with record.upload.open("rb") as file:
        assert file.read() == POLLS.encode()


def test_it_tries_again_after_an_error_that_may_pass(monkeypatch):
    record = waiting()
    with monkeypatch.context() as patched:

        def lose_connection(*_):
            raise OperationalError("connection lost")

        patched.setattr(loader, "_touch", lose_connection)
        with pytest.raises(OperationalError):
            queued.ingest_upload(record.pk)
    record.refresh_from_db()
    assert record.status == "Running"
    assert "connection lost" in record.error
    assert queued.sweep() == [record.pk]

    queued.ingest_upload(record.pk)
    record.refresh_from_db()
    assert (record.status, record.attempts, record.error) == ("Complete", 2, "")


STORAGE_FAULTS = [
    OSError(errno.EIO, "Input/output error"),
    ReadTimeoutError(endpoint_url="http://storage", error="timed out"),
    RetriesExceededError(TimeoutError("timed out")),
]


@pytest.mark.parametrize("fault", STORAGE_FAULTS, ids=lambda fault: type(fault).__name__)
def test_it_tries_again_when_storage_fails_in_the_middle_of_a_file(monkeypatch, fault):
    record = waiting()
    with monkeypatch.context() as patched:
        patched.setattr(default_storage._wrapped, "open", lambda *_: Broken(fault))
        with pytest.raises(type(fault)):
            queued.ingest_upload(record.pk)
    record.refresh_from_db()
    assert record.status == "Running"
    assert record.lease_expires_at <= timezone.now()
    assert len(uploads()) == 1

    queued.ingest_upload(record.pk)
    record.refresh_from_db()
    assert (record.status, record.attempts, record.rows_new) == ("Complete", 2, 500)


class Broken(ContentFile):
    """A file whose first bytes can be read and no more."""

    def __init__(self, fault):
        super().__init__(POLLS.encode()[:100])
        self.fault = fault

    def read(self, *arguments):
        if data := self.file.read(*arguments):
            return data
        raise self.fault


def test_it_tells_the_workers_again_of_a_dead_workers_file(monkeypatch):
    sent = []
    monkeypatch.setattr(tasks, "_send", sent.append)
    record = abandoned()
    assert tasks.sweep() == 1
    assert tasks.sweep() == 0
    assert sent == [record.pk]
    queued.ingest_upload(record.pk)
    record.refresh_from_db()
    assert (record.status, record.attempts) == ("Complete", 2)


def test_it_tells_the_workers_again_of_a_lost_message():
    record = waiting()
    assert queued.sweep() == []
    Ingestion.objects.update(enqueued_at=timezone.now() - queued.REQUEUE_AFTER)
    assert queued.sweep() == [record.pk]
    assert queued.sweep() == []


def test_it_gives_up_after_some_attempts(settings):
    record = abandoned(attempts=settings.INGEST_MAX_ATTEMPTS)
    assert queued.sweep() == []
    assert queued.claim(record.pk) is None
    record.refresh_from_db()
    assert record.status == "Failed"
    assert record.error.startswith("Gave up after 3 attempts: the worker died")
    queued.clean_up()
    assert len(uploads()) == 1


def test_it_removes_a_file_that_a_killed_worker_left_after_the_end():
    record = waiting()
    Ingestion.objects.update(
        status="Complete", started_at=timezone.now(), finished_at=timezone.now()
    )
    assert tasks.sweep() == 0
    record.refresh_from_db()
    assert (uploads(), record.upload.name) == ([], "")


def test_it_sweeps_and_finishes_though_no_file_can_be_removed(monkeypatch):
    sent = []
    monkeypatch.setattr(tasks, "_send", sent.append)
    done = waiting()
    with monkeypatch.context() as patched:
        patched.setattr(default_storage._wrapped, "delete", unreachable)
        queued.ingest_upload(done.pk)
        gave_up, lost = abandoned(attempts=3), abandoned()
        came_with_a_request = Ingestion.objects.create(
            name="a.csv", requested_by="a test", lease_expires_at=timezone.now() + PAST
        )
        assert tasks.sweep() == 2
    assert sent == [lost.pk]
    records = (done, gave_up, came_with_a_request)
    assert [status(record) for record in records] == ["Complete", "Failed", "Failed"]
    assert len(uploads()) == 3

    assert tasks.sweep() == 0
    assert len(uploads()) == 2


def unreachable(*_):
    raise OSError(errno.EIO, "Input/output error")


def status(record):
    record.refresh_from_db()
    return record.status


def test_it_sends_messages_before_it_removes_files(monkeypatch):
    steps = []
    monkeypatch.setattr(tasks, "_send", lambda _: steps.append("send"))
    Ingestion.objects.filter(pk=waiting().pk).update(
        status="Complete", started_at=timezone.now(), finished_at=timezone.now()
    )
    abandoned()
    monkeypatch.setattr(default_storage._wrapped, "delete", lambda _: steps.append("delete"))
    tasks.sweep()
    assert steps == ["send", "delete"]


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
    with pytest.raises(LeaseLost), claimed.upload.open("rb") as file:
        services.ingest_into(lease.Lease(claimed), from_upload(file, "polls.csv"), feed="status")
    assert not Poll.objects.exists()
    record.refresh_from_db()
    assert record.status == "Running"


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
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.01)
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
    assert "any more" not in caplog.text


def test_it_leaves_a_row_alone_that_the_sweep_ended():
    record = Ingestion.objects.create(
        name="a.csv", requested_by="a test", lease_expires_at=timezone.now() + PAST
    )
    assert services.sweep() == 1
    assert not lease.Lease(record)._renew()
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
