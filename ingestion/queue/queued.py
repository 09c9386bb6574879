"""Files that wait for a worker: kept in storage, claimed, ingested, removed.

A file is removed once it is stored or found unusable. After an internal error it stays, and can be
ingested again, until it is pruned with its record.

The row decides, as for reports: claimed by one guarded UPDATE, held by a lease, taken over when
that expires. Taking over is safe, since a file is stored in one transaction and storing it again
changes nothing.
"""

import logging
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, InterfaceError
from django.db.models import F, Q, QuerySet

from api.errors.storage_faults import storage_faults
from feeds.errors import UnusableFile
from feeds.files.sources import from_upload
from ingestion.lease import READING_LEASE, Lease
from ingestion.models import Feed, Ingestion
from ingestion.outcomes import log_outcome
from ingestion.queue.turns import has_turn
from ingestion.services import RESULTS, ingest_into, set_failed, why
from jobs import claims, clock
from jobs.models import allowed_attempts
from jobs.running import FailureRecorded

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
    """Keep a file in storage and return its record, Queued.

    ``feed`` "" lets the file's header decide the feed.
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
    """Ingest a kept file if it can be claimed; tell whether it could.

    1. Claim the row. A finished ingestion, one that another worker holds, or one whose turn has not
       come is left alone.
    2. Fetch the file from storage. An error of storage is not an error in the file.
    3. Read the copy and store it, in one transaction that also finishes the row.
    4. Remove the file.

    A permanent error marks the row as failed, with the reason; a passing one, such as a lost
    connection, leaves it to the next attempt. All exceptions but UnusableFile are re-raised, and
    keep the file.
    """
    record = claim(ingestion_id)
    if record is None:
        logger.info("ingestion %s: nothing to do, finished, held, or behind another", ingestion_id)
        return False
    lease = Lease(record)
    fail_held = partial(_fail_held, lease)
    failures = FailureRecorded(lease, fail_held, reason=why, expected=(UnusableFile,))
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
    """Claim an ingestion for one attempt, by one guarded UPDATE; None if it cannot be claimed.

    Also None while an earlier one of its feed is unfinished: see ``turns``.
    """
    return claims.claim(
        _kept().filter(pk=ingestion_id),
        lease=READING_LEASE,
        when=has_turn(),
        started_at=clock.now(),
        phase=Ingestion.Phase.READING,
        done=0,
        total=F("size"),
    )


def fail(ingestion_id: int, reason: str) -> bool:
    """Mark an ingestion without a holder as failed, keeping its file; tell whether it was done."""
    now = clock.now()
    waiting = _kept().filter(Ingestion.free(now), pk=ingestion_id)
    return bool(waiting.update(status=Ingestion.Status.FAILED, error=reason, finished_at=now))


def queue_again(ingestion_id: int) -> bool:
    """Queue a failed ingestion again whose file was kept.

    Returns False if it is not one.
    """
    failed = Ingestion.objects.filter(pk=ingestion_id, status=Ingestion.Status.FAILED)
    return bool(
        failed.exclude(upload="").update(
            status=Ingestion.Status.QUEUED,
            announcements=1,
            # Never reset: the attempt number is what keeps a late worker out.
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
    """Remove the kept file of a finished ingestion; repeating it does no harm.

    Storage errors are logged: the sweep, or else ``manage.py prune``, tries again.
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
    """Return the ingestions to queue again.

    These are the ones whose worker died or gave them back, and those whose message was probably
    lost: see ``pauses.unheard``. Those that were tried too often are failed.
    """
    ended = Q(feed__in={record.feed for record in claims.exhausted(_kept()) if _give_up(record)})
    first = _kept().filter(has_turn()).order_by("pk")
    told = claims.mark_queued(first, after=REQUEUE_AFTER, at_once=ended)
    for record in told:
        text = "ingestion %s: queued again (%s)"
        logger.warning(text, record.pk, record.status)
    return [record.pk for record in told]


def next_in_turn(ingestion_id: int) -> list[int]:
    """Return the queued ingestions whose turn it is after one that ended; none if it has not."""
    feed = Ingestion.objects.values_list("feed", flat=True).get(pk=ingestion_id)
    queued = Ingestion.objects.filter(status=Ingestion.Status.QUEUED).exclude(upload="")
    if feed:
        queued = queued.filter(feed__in=[feed, ""])
    return list(queued.filter(has_turn()).order_by("pk").values_list("pk", flat=True))


def _give_up(record: Ingestion) -> bool:
    """Fail a record if it is still exhausted: a slow worker may have renewed its lease."""
    failed = {"status": Ingestion.Status.FAILED, "finished_at": clock.now()}
    if not claims.give_up(_kept(), record, **failed):
        return False
    logger.error("ingestion %s: gave up; its file stays in %s", record.pk, record.upload)
    return True


def clean_up() -> None:
    """Remove files of stored ingestions that their worker could not remove."""
    for record in Ingestion.objects.filter(status=Ingestion.Status.COMPLETE).exclude(upload=""):
        remove_upload(record)


def _kept() -> QuerySet[Ingestion]:
    return Ingestion.objects.exclude(upload="")


def _fail_held(lease: Lease, error: Exception, reason: str) -> None:
    """Fail the record if its worker still holds it. An unusable file is removed by its caller."""
    record = lease.record
    set_failed(record, reason)
    lease.update(**{name: getattr(record, name) for name in RESULTS})
    if not isinstance(error, UnusableFile):
        logger.error("ingestion %s failed; its file stays in %s", record.pk, record.upload)
