"""Ingest one file: read it to the end, then store all of it in one transaction, or none."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from types import TracebackType

import numpy as np
from django.conf import settings
from django.db import transaction
from numpy.typing import NDArray

from api.errors.reasons import reason_of
from feeds.declared import FEEDS
from feeds.errors import UnusableFile
from feeds.files.sources import Source
from feeds.headers import Limits, polls_until
from feeds.parsing import FeedReader
from fleet.polls.database import Database, database
from fleet.versions import raise_version
from ingestion import sample_stores
from ingestion.lease import READING_LEASE, Lease
from ingestion.models import Feed, Ingestion
from ingestion.rejects import Rejects
from ingestion.storing.loader import Counts, OnRows, load
from ingestion.storing.special_day_loader import load_special_days
from ingestion.storing.spool import Spool
from ingestion.storing.store_loader import load_stores
from jobs import clock
from uptime.instants import to_microseconds

logger = logging.getLogger(__name__)

# The findings about a file, besides the final state.
RESULTS = (
    *("status", "error", "finished_at", "feed", "sha256", "size", "rejects"),
    *("rows_read", "rows_new", "rows_changed", "rows_repeated", "rows_superseded"),
    *("rows_removed", "rows_rejected", "is_sample", "sample_stores_removed"),
)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The progress of an ingestion.

    While ``phase`` is ``reading``, ``done`` and ``total`` count bytes as sent, and ``total`` is
    None for a stream; while it is ``storing``, they count rows.
    """

    phase: str
    done: int
    total: int | None


OnProgress = Callable[[Progress], None]


def ingest(  # noqa: PLR0913 - every one by name
    source: Source,
    *,
    requested_by: str,
    feed: str | None = None,
    is_sample: bool = False,
    keep_sample: bool = False,
    on_progress: OnProgress = lambda _: None,
    before_rows: Callable[[Ingestion], None] = lambda _: None,
) -> Ingestion:
    """Store the rows of one file and return its record.

    1. A record shows that the ingestion is running.
    2. The file is read to its end: good rows wait on disk, rejected rows are collected.
    3. One transaction writes what is new or different, and the counts.

    Killed before it commits, an ingestion leaves the data unchanged. ``feed`` says which feed the
    file must be; by default its header decides. ``before_rows`` is called once the feed is known;
    it may wait. The first file that is not ``is_sample`` removes the sample in the same
    transaction; ``keep_sample`` turns it into ordinary stores instead. Raises ``UnusableFile``,
    whose ``ingestion`` is the failed record, if nothing in the file can be used.
    """
    record = Ingestion.objects.create(
        name=source.name[-255:],
        feed=feed or "",
        requested_by=requested_by,
        is_sample=is_sample,
        keep_sample=keep_sample,
        lease_expires_at=clock.now() + READING_LEASE,
    )
    lease = Lease(record)
    with _Recorded(record), lease.kept():
        ingest_into(lease, source, feed=feed, on_progress=on_progress, before_rows=before_rows)
    return record


def ingest_into(
    lease: Lease,
    source: Source,
    *,
    feed: str | None,
    on_progress: OnProgress = lambda _: None,
    before_rows: Callable[[Ingestion], None] = lambda _: None,
) -> None:
    """Do the same for a record that is already running and stays so if anything is raised.

    Raises UnusableFile, and LeaseLost if another worker now has the record.
    """
    record = lease.record
    with source.open() as stream:
        reader = FeedReader(stream, name=source.name, expected=feed, limits=_limits())
        if record.feed != reader.feed:
            # Now, not with the counts: waiting files ask which feed this one belongs to.
            record.feed = reader.feed
            lease.update(feed=reader.feed)
        before_rows(record)
        with Spool(FEEDS[reader.feed].dtypes) as spool:
            reading = _Reading(record, spool)
            for batch_rows in reading.batches(reader):
                record.rows_read += batch_rows
                lease.reading(stream.position, source.size)
                on_progress(Progress(phase="reading", done=stream.position, total=source.size))
            record.sha256, record.size = stream.sha256, stream.size
            _check_usable(record, reading)
            _store(lease, spool, reading, on_progress)


def _limits() -> Limits:
    """Return the limits on otherwise valid rows, from the clock and the settings."""
    until = polls_until(to_microseconds(clock.now()), hours=settings.POLL_MAX_AHEAD_HOURS)
    return replace(until, rejected=settings.REJECTS_MAX_ROWS)


def sweep() -> int:
    """Fail the ingestions whose process died; return how many. Their data was never stored.

    Those whose file was kept are not lost: see ``queued``.
    """
    count = Ingestion.objects.filter(
        status=Ingestion.Status.RUNNING, upload="", lease_expires_at__lt=clock.now()
    ).update(
        status=Ingestion.Status.FAILED,
        finished_at=clock.now(),
        error="Its process died. Nothing was stored; ingest the file again.",
    )
    if count:
        logger.warning("failed %d ingestions whose process died; ingest their files again", count)
    return count


class _Recorded:
    """Marks the record as failed, with the reason, if an exception passes through."""

    def __init__(self, record: Ingestion) -> None:
        self._record = record

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None or kind is None:
            return
        record = self._record
        set_failed(record, why(error))
        record.save()
        if isinstance(error, UnusableFile):
            error.ingestion = record
        else:
            logger.warning("could not ingest %s: %s", record.name, error or kind.__name__)


def why(error: BaseException) -> str:
    """Return the reason of an exception for the sender of the file."""
    if isinstance(error, UnusableFile):
        return str(error)
    return f"{reason_of(error)} Nothing was stored."


def set_failed(record: Ingestion, reason: str) -> None:
    """Set the values of a failed ingestion on a record that is not saved yet."""
    record.status = Ingestion.Status.FAILED
    record.finished_at = clock.now()
    record.error = reason
    record.sample_stores_removed = 0
    for count in ("new", "changed", "repeated", "superseded", "removed"):
        setattr(record, f"rows_{count}", 0)


class _Reading:
    """Receives the batches of one file: good rows go to the spool, rejected rows to the rejects."""

    def __init__(self, record: Ingestion, spool: Spool) -> None:
        self.store_ids: dict[str, int] = {}
        self.texts: dict[str, int] = {}
        self.rejects_head = ""
        self._record = record
        self._spool = spool

    def batches(self, reader: FeedReader) -> Iterator[int]:
        """Yield the number of rows in each batch, including rejected ones."""
        with Rejects(self._record.name, most=settings.REJECTS_MAX_ROWS) as rejects:
            for batch in reader.batches():
                store = _numbered(batch.store_ids, self.store_ids)[batch.store]
                columns = {
                    name: _numbered(column.tolist(), self.texts)
                    if column.dtype == object
                    else column
                    for name, column in batch.columns.items()
                }
                self._spool.append({"store": store, **columns})
                rejects.add(batch.rejected, batch.refused)
                yield batch.rows
            self._record.rows_rejected = rejects.count
            self._record.rejects.name = rejects.save(str(self._record.pk))
            self.rejects_head = rejects.head


def _numbered(texts: Sequence[str], numbers: dict[str, int]) -> NDArray[np.int32]:
    """Return the number of each text; a new one gets the next number."""
    return np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int32)


def _check_usable(record: Ingestion, reading: _Reading) -> None:
    if record.rows_read == 0:
        raise UnusableFile(f"{record.name}: there are no rows below the header.")
    if record.rows_read == record.rows_rejected:
        raise UnusableFile(
            f"{record.name}: none of its {record.rows_read} rows can be used;"
            f" {reading.rejects_head}"
        )


def _store(lease: Lease, spool: Spool, reading: _Reading, on_progress: OnProgress) -> None:
    """Write the spooled rows and finish the record, in one transaction."""
    record = lease.record
    done = 0

    def on_rows(rows: int) -> None:
        nonlocal done
        done += rows
        lease.stored(done)
        on_progress(Progress(phase="storing", done=done, total=len(spool)))

    bulk = database()
    with lease.storing(len(spool)), transaction.atomic():
        bulk.serialise()
        sample_stores.make_way(record)
        counts = _load(record, spool, reading, bulk, on_rows)
        for count, rows in asdict(counts).items():
            setattr(record, f"rows_{count}", rows)
        if counts.new or counts.changed or counts.removed:
            raise_version()
        sample_stores.mark(record, list(reading.store_ids), bulk)
        sample_stores.tell_removed(record, bulk)
        record.status = Ingestion.Status.COMPLETE
        record.finished_at = clock.now()
        lease.finish(**{name: getattr(record, name) for name in RESULTS})


def _load(
    record: Ingestion, spool: Spool, reading: _Reading, bulk: Database, on_rows: OnRows
) -> Counts:
    store_ids, texts = list(reading.store_ids), list(reading.texts)
    if record.feed == Feed.STORES:
        return load_stores(spool, store_ids, texts, bulk, on_rows)
    if record.feed == Feed.SPECIAL_DAYS:
        made_by = record.requested_by
        return load_special_days(spool, store_ids, texts, bulk, on_rows, made_by=made_by)
    return load(record.feed, spool, store_ids, bulk, on_rows)
