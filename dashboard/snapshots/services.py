"""The life of a snapshot: wanted when the data has changed, claimed, computed, replaced.

One is made for each version of the data, unless versions follow each other faster than they can be
computed in a fifth of a worker's time; then some are left out.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from dashboard.models import FleetSnapshot
from dashboard.snapshots import files
from dashboard.snapshots.computing import compute
from fleet.extent import newest_poll
from fleet.versions import current_version
from jobs import claims, clock
from jobs.lease import Lease, LeaseLost
from jobs.models import UNFINISHED
from jobs.running import FailureRecorded
from reports.build.writers import remove_files
from reports.request.parameters import Parameters, fingerprint

logger = logging.getLogger(__name__)

Status = FleetSnapshot.Status

# After a snapshot the next one waits this many times as long as it took.
_REST = 4
# After a failure; at once if the data has changed.
_RETRY = timedelta(minutes=10)
# The page that reads a file may have looked up its row a moment ago.
_KEPT = 2


def sweep() -> list[FleetSnapshot]:
    """Return the snapshots to queue, the next one among them if it is due."""
    for snapshot in claims.exhausted(FleetSnapshot.objects.all()):
        ended = {"status": Status.FAILED, "finished_at": clock.now(), "lease_expires_at": None}
        claims.give_up(FleetSnapshot.objects.all(), snapshot, **ended)
    want_next()
    return claims.mark_queued(
        FleetSnapshot.objects.order_by("id"), after=settings.REPORT_REQUEUE_AFTER
    )


def want_next() -> None:
    """Create the row of the next snapshot if one is due and none is waiting.

    One is due if the data or the settings have changed, the file is gone, or the last one failed
    ten minutes ago.
    """
    if not _is_due():
        return
    row = FleetSnapshot(data_version=current_version(), fingerprint=_fingerprint(), announcements=0)
    # Another sweep may have been faster; the database accepts one waiting row.
    FleetSnapshot.objects.bulk_create([row], ignore_conflicts=True)


def take(snapshot_id: int) -> FleetSnapshot | None:
    """Compute the snapshot if it can be claimed; None if not.

    A passing error leaves it to another attempt, any other one fails it; see ``want_next``.
    Either way the exception is re-raised.
    """
    rows = FleetSnapshot.objects.filter(pk=snapshot_id)
    snapshot = claims.claim(
        rows,
        lease=settings.REPORT_LEASE,
        started_at=clock.now(),
        data_version=current_version(),
        fingerprint=_fingerprint(),
    )
    if snapshot is None:
        logger.info("snapshot %s: nothing to do, it is done or another worker has it", snapshot_id)
        return None
    lease = Lease(snapshot, lease=settings.REPORT_LEASE)
    with lease.kept(), FailureRecorded(lease, lambda _, reason: _fail(lease, reason)):
        _make(snapshot, lease)
    return snapshot


def _make(snapshot: FleetSnapshot, lease: Lease) -> None:
    as_of = newest_poll()
    if as_of is None:
        # All polls were removed since the sweep; the next one finds nothing due.
        lease.update(**_ended(Status.FAILED), error="There are no polls.")
        return
    head, table = compute(as_of, snapshot.data_version)
    name = f"{files.BEGINNING}{snapshot.pk}-{snapshot.attempts}.arrow"
    written = files.store_snapshot(name, head, table)
    lease.stop()
    try:
        lease.update(
            **_ended(Status.COMPLETE),
            as_of=as_of,
            store_count=len(table),
            file=written.name,
            size=written.size,
        )
    except LeaseLost:
        remove_files([written.name])
        raise
    _remove_older()


def _is_due() -> bool:
    if FleetSnapshot.objects.filter(status__in=UNFINISHED).exists():
        return False
    last = FleetSnapshot.objects.first()
    if last is None:
        return newest_poll() is not None
    if last.status == Status.COMPLETE and not _has_file(last):
        return True
    now = clock.now()
    same = (last.data_version, last.fingerprint) == (current_version(), _fingerprint())
    if same and (last.status == Status.COMPLETE or now < (last.finished_at or now) + _RETRY):
        return False
    return newest_poll() is not None and not _rests(last, now)


def _rests(last: FleetSnapshot, now: datetime) -> bool:
    if last.started_at is None or last.finished_at is None:
        return False
    return now < last.finished_at + _REST * (last.finished_at - last.started_at)


def _has_file(last: FleetSnapshot) -> bool:
    found = default_storage.exists(last.file.name or "")
    if not found:
        logger.warning("%s: its file %s is gone; making another", last, last.file.name)
    return found


def _fingerprint() -> str:
    """Return a digest of all that affects a snapshot besides the data, such as tzdata."""
    core = fingerprint(Parameters(columns="full"))
    return Parameters().digest(core=core, format=files.FORMAT)


def _ended(status: str) -> dict[str, object]:
    return {"status": status, "finished_at": clock.now(), "lease_expires_at": None}


def _fail(lease: Lease, reason: str) -> None:
    lease.update(**_ended(Status.FAILED), error=reason)


def _remove_older() -> None:
    """Remove all but the newest snapshots, rows before files."""
    complete = FleetSnapshot.objects.filter(status=Status.COMPLETE)
    kept = list(complete.values_list("pk", flat=True)[:_KEPT])
    old = FleetSnapshot.objects.filter(pk__lt=min(kept, default=0)).exclude(status__in=UNFINISHED)
    with transaction.atomic():
        names = [name for name in old.values_list("file", flat=True) if name]
        old.delete()
    remove_files(names)
