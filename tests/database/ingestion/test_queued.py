"""The life of a file that waits for a worker: claimed, held, taken over, finished, removed."""

import errno
from datetime import timedelta

import pytest
from botocore.exceptions import ReadTimeoutError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils import timezone
from s3transfer.exceptions import RetriesExceededError

from fleet.models import Poll
from ingestion import retention, tasks
from ingestion.models import Ingestion
from ingestion.queue import queued
from ingestion.storing import loader
from tests.database.files import counts
from tests.database.waiting import PAST, POLLS, status, uploads, waiting

pytestmark = pytest.mark.django_db(transaction=True)


def abandoned(attempts=1):
    """An ingestion whose worker died."""
    record = waiting()
    Ingestion.objects.filter(pk=record.pk).update(
        status="Running",
        attempts=attempts,
        announcements=0,
        started_at=timezone.now(),
        lease_expires_at=timezone.now() + PAST,
        enqueued_at=timezone.now() + 2 * PAST,
    )
    return record


def make_due():
    """End the pause after a passing error."""
    assert Ingestion.objects.filter(due_at__gt=timezone.now()).update(due_at=timezone.now() + PAST)


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
    assert record.error == "The database could not be reached or is full. Nothing was stored."
    assert queued.sweep() == []
    make_due()
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
    make_due()

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
    record = abandoned(attempts=settings.MAX_ATTEMPTS)
    assert queued.sweep() == []
    assert queued.claim(record.pk) is None
    record.refresh_from_db()
    assert record.status == "Failed"
    assert record.error.startswith("Gave up after 3 attempts: the worker died")
    queued.clean_up()
    assert len(uploads()) == 1


def test_it_prunes_the_kept_file_of_a_failure_with_its_record():
    record = waiting()
    assert queued.fail(record.pk, "a fault of ours")
    retention.remove(timezone.now() - timedelta(days=1))
    assert len(uploads()) == 1
    retention.remove(timezone.now() + timedelta(seconds=1))
    assert (uploads(), Ingestion.objects.count()) == ([], 0)


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
