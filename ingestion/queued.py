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
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from adbc_driver_manager import Error as ArrowReadError
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from api.storage_faults import storage_faults
from ingestion.errors import UnusableFile
from ingestion.lease import READING_LEASE, Lease, LeaseLost
from ingestion.models import Feed, Ingestion
from ingestion.outcomes import log_outcome
from ingestion.services import RESULTS, ingest_into, set_failed, why
from ingestion.sources import from_upload
from ingestion.turns import in_turn

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

logger = logging.getLogger(__name__)

REQUEUE_AFTER = timedelta(minutes=1)
# Another attempt may fare better: the database or the storage could not be reached.
PASSING = (OperationalError, ArrowReadError, *storage_faults())


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
            enqueued_at=timezone.now(),
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
    with _FailureRecorded(lease), lease.kept(), _fetched(record) as file:
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
    now = timezone.now()
    waiting = _unattended(now).filter(pk=ingestion_id, attempts__lt=settings.INGEST_MAX_ATTEMPTS)
    claimable = in_turn(waiting)
    # In one transaction, so that the number of the attempt read back is the one just written.
    with transaction.atomic():
        claimed = claimable.update(
            status=Ingestion.Status.RUNNING,
            attempts=F("attempts") + 1,
            started_at=now,
            lease_expires_at=now + READING_LEASE,
            phase=Ingestion.Phase.READING,
            done=0,
            total=F("size"),
            error="",
        )
        return Ingestion.objects.get(pk=ingestion_id) if claimed else None


def fail(ingestion_id: int, reason: str) -> bool:
    """Mark an ingestion that nobody holds as failed, its file kept; tell whether it was so."""
    now = timezone.now()
    unattended = _unattended(now).filter(pk=ingestion_id)
    return bool(unattended.update(status=Ingestion.Status.FAILED, error=reason, finished_at=now))


def queue_again(ingestion_id: int) -> bool:
    """Give an ingestion that failed, and whose file was kept, to the workers once more.

    Returns False where it is not such a one.
    """
    failed = Ingestion.objects.filter(pk=ingestion_id, status=Ingestion.Status.FAILED)
    return bool(
        failed.exclude(upload="").update(
            status=Ingestion.Status.QUEUED,
            attempts=0,
            error="",
            finished_at=None,
            enqueued_at=timezone.now(),
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

    They are those whose lease ran out (the worker died) or that have been queued for
    ``REQUEUE_AFTER`` (the message was lost, or the queue is long: a second message finds nothing
    to claim). Those tried too often are failed.
    """
    now = timezone.now()
    ended = set()
    for record in _unattended(now).filter(attempts__gte=settings.INGEST_MAX_ATTEMPTS):
        ended.add(record.feed)
        reason = record.error or "the worker died (out of memory?); see its log."
        logger.error("ingestion %s: gave up; its file stays in %s", record.pk, record.upload)
        fail(record.pk, f"Gave up after {record.attempts} attempts: {reason}")
    lost = Q(status=Ingestion.Status.RUNNING, enqueued_at__lt=F("lease_expires_at"))
    waiting = Q(enqueued_at__lt=now - REQUEUE_AFTER)
    records = in_turn(_unattended(now)).filter(lost | waiting | Q(feed__in=ended)).order_by("pk")
    return [record.pk for record in records if _is_ours_to_tell(record, now)]


def next_in_turn(ingestion_id: int) -> list[int]:
    """Return the queued ingestions that go next, now that one ended; none while it has not."""
    feed = Ingestion.objects.values_list("feed", flat=True).get(pk=ingestion_id)
    queued = Ingestion.objects.filter(status=Ingestion.Status.QUEUED).exclude(upload="")
    if feed:
        queued = queued.filter(feed__in=[feed, ""])
    return list(in_turn(queued).order_by("pk").values_list("pk", flat=True))


def clean_up() -> None:
    """Remove the files that were stored, where the worker that stored them could not."""
    for record in Ingestion.objects.filter(status=Ingestion.Status.COMPLETE).exclude(upload=""):
        remove_upload(record)


def _is_ours_to_tell(record: Ingestion, now: datetime) -> bool:
    """Note that workers are told again, unless another sweep or the record's holder was first."""
    same = _unattended(now).filter(pk=record.pk, enqueued_at=record.enqueued_at)
    try:
        told = bool(same.update(enqueued_at=now))
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
    """Return the unfinished ingestions with a kept file that nobody holds at ``now``."""
    expired = Q(status=Ingestion.Status.RUNNING, lease_expires_at__lt=now)
    kept = Ingestion.objects.exclude(upload="")
    return kept.filter(Q(status=Ingestion.Status.QUEUED) | expired)


class _FailureRecorded:
    """Writes an exception that passes through to the row, as what it means for it."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception) or isinstance(error, LeaseLost):
            return False
        logger.warning("could not ingest %s: %s", self._lease.record.name, error)
        if isinstance(error, PASSING):
            # Given back at once, so that the next attempt need not wait for the lease to run out.
            self._lease.update(error=why(error), lease_expires_at=timezone.now())
            return False
        self._fail(error)
        return isinstance(error, UnusableFile)

    def _fail(self, error: Exception) -> None:
        record = self._lease.record
        set_failed(record, why(error))
        self._lease.update(**{name: getattr(record, name) for name in RESULTS})
        if isinstance(error, UnusableFile):
            remove_upload(record)
        else:
            logger.error("ingestion %s failed; its file stays in %s", record.pk, record.upload)
