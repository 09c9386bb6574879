"""Files that wait for a worker: kept in storage, claimed, ingested, removed.

A file goes once it is stored or turned out unusable. Where the fault was ours it stays, and can be
ingested again, until it is pruned with its record.

The row is the truth, as for reports: claimed by one guarded UPDATE, held by a lease, retaken when
that runs out. Retaking is safe, since a file is stored by one transaction and storing it again
changes nothing.
"""

import logging
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet

from api.storage_faults import storage_faults
from feeds.errors import UnusableFile
from feeds.sources import from_upload
from ingestion import clock
from ingestion.failures import FailureRecorded, gave_up
from ingestion.lease import READING_LEASE, Lease
from ingestion.models import Feed, Ingestion, allowed_attempts
from ingestion.outcomes import log_outcome
from ingestion.pauses import unheard
from ingestion.services import RESULTS, ingest_into, set_failed
from ingestion.turns import in_turn

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

logger = logging.getLogger(__name__)

REQUEUE_AFTER = timedelta(minutes=1)


def request_ingestion(
    upload: "UploadedFile[Any]",
    *,
    name: str,
    requested_by: str,
    feed: str = Feed.STATUS.value,
    keep_sample: bool = False,
) -> Ingestion:
    """Keep a file in storage and return the record, Queued, by which it will be found.

    ``feed`` "" leaves it to the file's header to say which feed it is.
    """
    kept = default_storage.save(f"uploads/{uuid.uuid4().hex}", upload)
    try:
        return Ingestion.objects.create(
            name=name[-255:],
            feed=feed,
            status=Ingestion.Status.QUEUED,
            size=upload.size or 0,
            upload=kept,
            requested_by=requested_by,
            keep_sample=keep_sample,
            enqueued_at=clock.now(),
            started_at=None,
            attempts=0,
        )
    except (DatabaseError, InterfaceError):
        _removed(kept)
        raise


def ingest_upload(ingestion_id: int) -> bool:
    """Ingest a kept file if it is there to be claimed; tell whether it was.

    1. Claim the row. A finished ingestion, one that another worker holds, or one whose turn has not
       come is left alone.
    2. Fetch the file from storage. A fault of storage is no fault of the file.
    3. Read the copy and store it, in one transaction that also finishes the row.
    4. Remove the file.

    What fails for good marks the row as failed, with the reason; what may pass, such as a lost
    connection, leaves it to the next attempt. All but UnusableFile goes on as an exception, and
    keeps the file.
    """
    record = claim(ingestion_id)
    if record is None:
        logger.info("ingestion %s: nothing to do, finished, held, or behind another", ingestion_id)
        return False
    lease = Lease(record)
    failures = FailureRecorded(lease, partial(_fail_held, lease))
    with failures, lease.kept(), _fetched(record) as file:
        source = from_upload(file, record.name, limit=settings.MAX_UNPACKED_BYTES)
        ingest_into(lease, source, feed=record.feed or None)
    log_outcome(record)
    remove_upload(record)
    return True


@contextmanager
def _fetched(record: Ingestion) -> Iterator[IO[bytes]]:
    """Yield a copy of the kept file on local disk; raises what storage raises."""
    with tempfile.TemporaryFile(prefix="upload-") as copy:
        with record.upload.open("rb") as kept:
            shutil.copyfileobj(kept, copy)
        copy.seek(0)
        yield copy


def claim(ingestion_id: int) -> Ingestion | None:
    """Take an ingestion for one attempt, by one guarded UPDATE; None if it is not to be had.

    None as well while an earlier one of its feed is unfinished: see ``turns``.
    """
    now = clock.now()
    waiting = _unattended(now).filter(pk=ingestion_id, attempts__lt=F("attempts_allowed"))
    claimable = in_turn(waiting)
    # In one transaction, so that the number of the attempt read back is the one just written.
    with transaction.atomic():
        claimed = claimable.update(
            status=Ingestion.Status.RUNNING,
            attempts=F("attempts") + 1,
            announcements=0,
            started_at=now,
            lease_expires_at=now + READING_LEASE,
            due_at=None,
            phase=Ingestion.Phase.READING,
            done=0,
            total=F("size"),
            error="",
        )
        return Ingestion.objects.get(pk=ingestion_id) if claimed else None


def fail(ingestion_id: int, reason: str) -> bool:
    """Mark an ingestion that nobody holds as failed, its file kept; tell whether it was so."""
    now = clock.now()
    waiting = _free(now).filter(pk=ingestion_id)
    return bool(waiting.update(status=Ingestion.Status.FAILED, error=reason, finished_at=now))


def queue_again(ingestion_id: int) -> bool:
    """Give an ingestion that failed, and whose file was kept, to the workers once more.

    Returns False where it is not such a one.
    """
    failed = Ingestion.objects.filter(pk=ingestion_id, status=Ingestion.Status.FAILED)
    return bool(
        failed.exclude(upload="").update(
            status=Ingestion.Status.QUEUED,
            announcements=1,
            # Never counted anew: the number of the attempt is what keeps a late worker out.
            attempts_allowed=F("attempts") + allowed_attempts(),
            faults=0,
            due_at=None,
            error="",
            finished_at=None,
            enqueued_at=clock.now(),
        )
    )


def withdraw(ingestion_id: int, reason: str) -> None:
    """Fail an ingestion whose sender is told to send the file again, and remove the file."""
    if fail(ingestion_id, reason):
        remove_upload(Ingestion.objects.get(pk=ingestion_id))


def remove_upload(record: Ingestion) -> None:
    """Remove the kept file of a finished ingestion; done twice it does no harm.

    A fault of storage is logged: the sweep, or else ``manage.py prune``, comes by again.
    """
    if _removed(str(record.upload.name)):
        Ingestion.objects.filter(pk=record.pk).update(upload="")


def _removed(name: str) -> bool:
    try:
        default_storage.delete(name)
    except storage_faults() as error:
        logger.warning("could not remove %s: %s", name, error)
        return False
    return True


def sweep() -> list[int]:
    """Return the ingestions to tell the workers of again.

    They are those whose worker died or gave them back, and those whose message was probably lost:
    see ``pauses.unheard``. Those tried too often are failed.
    """
    ended = {record.feed for record in _exhausted() if _give_up(record)}
    now = clock.now()
    unknown = unheard(now, after=REQUEUE_AFTER) | Q(feed__in=ended)
    records = in_turn(_unattended(now)).filter(unknown).order_by("pk")
    return [record.pk for record in records if _is_ours_to_tell(record, now, unknown)]


def next_in_turn(ingestion_id: int) -> list[int]:
    """Return the queued ingestions that go next, now that one ended; none while it has not."""
    feed = Ingestion.objects.values_list("feed", flat=True).get(pk=ingestion_id)
    queued = Ingestion.objects.filter(status=Ingestion.Status.QUEUED).exclude(upload="")
    if feed:
        queued = queued.filter(feed__in=[feed, ""])
    return list(in_turn(queued).order_by("pk").values_list("pk", flat=True))


def _exhausted() -> QuerySet[Ingestion]:
    return _unattended(clock.now()).filter(attempts__gte=F("attempts_allowed"))


def _give_up(record: Ingestion) -> bool:
    """Fail a record if it is exhausted still: a slow worker may have renewed its lease."""
    reason = record.error or "the worker died (out of memory?); see its log"
    same = _exhausted().filter(pk=record.pk, attempts=record.attempts)
    failed = same.update(
        status=Ingestion.Status.FAILED,
        error=gave_up(record.attempts, reason),
        finished_at=clock.now(),
    )
    if failed:
        logger.error("ingestion %s: gave up; its file stays in %s", record.pk, record.upload)
    return bool(failed)


def clean_up() -> None:
    """Remove the files that were stored, where the worker that stored them could not."""
    for record in Ingestion.objects.filter(status=Ingestion.Status.COMPLETE).exclude(upload=""):
        remove_upload(record)


def _is_ours_to_tell(record: Ingestion, now: datetime, unknown: Q) -> bool:
    """Note that workers are told again, unless another sweep or the record's holder was first."""
    # All of it once more: another sweep may have told, or a worker taken it.
    same = _unattended(now).filter(unknown, pk=record.pk)
    try:
        told = bool(same.update(announcements=F("announcements") + 1, enqueued_at=now))
    except OperationalError:
        if connection.vendor != "sqlite":
            raise
        # An ingestion that is storing holds SQLite's write lock: this one, perhaps, and it lives.
        logger.info("ingestion %s: the database is busy, looking again later", record.pk)
        return False
    if told:
        logger.warning("ingestion %s: telling the workers again (%s)", record.pk, record.status)
    return told


def _unattended(now: datetime) -> QuerySet[Ingestion]:
    """Return those that nobody holds at ``now`` and that are due."""
    return _free(now).filter(Q(due_at__isnull=True) | Q(due_at__lte=now))


def _free(now: datetime) -> QuerySet[Ingestion]:
    """Return the unfinished ingestions with a kept file that nobody holds at ``now``."""
    expired = Q(status=Ingestion.Status.RUNNING, lease_expires_at__lte=now)
    kept = Ingestion.objects.exclude(upload="")
    return kept.filter(Q(status=Ingestion.Status.QUEUED) | expired)


def _fail_held(lease: Lease, error: Exception, reason: str) -> None:
    """Fail the record of a worker that still holds it; the file stays where the fault was ours."""
    record = lease.record
    set_failed(record, reason)
    lease.update(**{name: getattr(record, name) for name in RESULTS})
    if isinstance(error, UnusableFile):
        remove_upload(record)
    else:
        logger.error("ingestion %s failed; its file stays in %s", record.pk, record.upload)
