"""Problems on the home page, as sentences with a link to the page that helps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.urls import reverse

from dashboard.models import FleetSnapshot
from fleet.extent import HISTORY
from ingestion.models import Ingestion
from reports.models import Report
from storemonitor.models import Worker
from storemonitor.operations.queue_depth import QueueDepth
from storemonitor.operations.sweeps import is_late

LATE_POLL = timedelta(hours=6)
EARLY_POLL = timedelta(minutes=5)
LEAST_PERCENT_FREE = 10
LONG_QUEUE = 1000
RECENT = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Attention:
    """A sentence, and the URL of the page to look at next, if any.

    ``level`` is the style of Django's messages: ``info`` needs no action.
    """

    text: str
    address: str = ""
    level: Literal["warning", "info"] = "warning"


def attention(  # noqa: PLR0913 - every one by name
    *,
    now: datetime,
    workers_alive: int,
    alive_since: datetime | None,
    workers_silent: int,
    clocks_off: Sequence[Worker],
    last_sweep: datetime | None,
    queue: QueueDepth,
    percent_free: int | None,
    newest_poll: datetime | None,
    is_sample: bool,
    may_upload: bool,
    ingestions: Sequence[Ingestion],
    reports: Sequence[Report],
    snapshot: FleetSnapshot | None,
) -> Iterator[Attention]:
    """Yield the problems, the most urgent first. ``snapshot``: the last one that ended."""
    yield from _of_workers(workers_alive, workers_silent)
    yield from _of_clocks(clocks_off)
    yield from _of_sweeps(now, alive_since, last_sweep)
    yield from _of_machines(queue, percent_free)
    yield from _of_sample(may_upload=may_upload) if is_sample else _of_polls(now, newest_poll)
    yield from _of_board(newest_poll, snapshot)
    yield from _of_reports(now, reports)
    yield from _of_ingestions(now, ingestions)


def _of_workers(alive: int, silent: int) -> Iterator[Attention]:
    if not alive:
        yield Attention(text="No worker is alive: reports and files wait. Start one.")
    elif silent:
        yield Attention(text=f"{silent} of {alive + silent} workers are silent. See their logs.")


def _of_clocks(workers: Sequence[Worker]) -> Iterator[Attention]:
    for worker in workers:
        seconds = round(worker.clock_ahead.total_seconds())
        how = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'}"
        yield Attention(text=f"The clock of {worker.name} is {how} the database's. Correct it.")


def _of_sweeps(
    now: datetime, alive_since: datetime | None, last_sweep: datetime | None
) -> Iterator[Attention]:
    if alive_since and is_late(now, alive_since=alive_since, last=last_sweep):
        yield Attention(text="No sweep has finished for a while. Is beat running?")


def _of_machines(queue: QueueDepth, percent_free: int | None) -> Iterator[Attention]:
    if queue.waiting is None:
        yield Attention(text=f"The length of the queue is unknown: {queue.reason}.")
    elif queue.waiting > LONG_QUEUE:
        yield Attention(text=f"{queue.waiting:,} messages are waiting in the queue. Add workers?")
    if percent_free is not None and percent_free < LEAST_PERCENT_FREE:
        yield Attention(text=f"The disk of the media files is {100 - percent_free} % full.")


def _of_sample(*, may_upload: bool) -> Iterator[Attention]:
    text = "These stores are a made-up sample. Upload your own files to replace it."
    address = reverse("admin:ingestion_ingestion_add") if may_upload else ""
    yield Attention(text=text, address=address, level="info")


def _of_polls(now: datetime, newest: datetime | None) -> Iterator[Attention]:
    address = reverse("admin:fleet_pollrecord_changelist")
    if newest and newest > now + EARLY_POLL:
        text = (
            f"The newest poll is in the future: {newest:%Y-%m-%d %H:%M} UTC; reports are as of it."
        )
        yield Attention(text=text, address=address)
    elif newest and now - newest > HISTORY:
        text = f"The polls end at {newest:%Y-%m-%d %H:%M} UTC; reports are as of then."
        yield Attention(text=text, address=address, level="info")
    elif newest and now - newest > LATE_POLL:
        text = f"No poll has arrived since {newest:%Y-%m-%d %H:%M} UTC."
        yield Attention(text=text, address=address)


def _of_board(newest: datetime | None, snapshot: FleetSnapshot | None) -> Iterator[Attention]:
    # Without polls there is nothing to show, and the page says so.
    if newest and snapshot and snapshot.status == FleetSnapshot.Status.FAILED:
        text = f"The board shows older data, since its last update failed: {snapshot.error}"
        yield Attention(text=text, address=reverse("admin:dashboard_fleetsnapshot_changelist"))


def _of_reports(now: datetime, reports: Sequence[Report]) -> Iterator[Attention]:
    failed = [report for report in reports if report.status == Report.Status.FAILED]
    count = sum(now - report.created_at <= RECENT for report in failed)
    if count:
        address = reverse("admin:reports_report_changelist", query={"status__exact": "Failed"})
        what = "report has" if count == 1 else "reports have"
        yield Attention(text=f"{count} {what} failed within a day.", address=address)


def _of_ingestions(now: datetime, ingestions: Sequence[Ingestion]) -> Iterator[Attention]:
    recent = [one for one in ingestions if one.started_at and now - one.started_at <= RECENT]
    failed = sum(one.status == Ingestion.Status.FAILED for one in recent)
    rejects = sum(one.rows_rejected > 0 for one in recent)
    address = reverse("admin:ingestion_ingestion_changelist")
    if failed:
        text = f"{failed} of the last {len(recent)} ingestions failed."
        yield Attention(text=text, address=f"{address}?status__exact=Failed")
    if rejects:
        text = f"{rejects} of the last {len(recent)} ingestions have rejected rows."
        yield Attention(text=text, address=address)
