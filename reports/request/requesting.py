"""A request for a report creates a row, or finds the row of an earlier request."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.db import IntegrityError, transaction

from api.transfer.downloads import stored_size
from fleet.extent import newest_poll
from fleet.polls.database import database
from fleet.versions import current_version
from jobs import clock
from jobs.models import UNFINISHED
from reports.models import IdempotencyKey, Report, Status
from reports.request.kept import check_as_of
from reports.request.parameters import Parameters, fingerprint
from reports.request.selections import check_known
from reports.request.targets import told
from reports.request.unusable import KeyReused
from reports.turns import next_turn

_REUSABLE = (Status.QUEUED, Status.RUNNING, Status.COMPLETE)


class NoPolls(Exception):
    """There is no poll yet, so "as of the newest poll" has no meaning."""

    def __init__(self) -> None:
        super().__init__("There are no polls yet. Ingest some, or give an as of.")


class TooManyUnfinished(Exception):
    """The sender has too many queued and running reports."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"{most:,} of your reports are queued or running, which is the limit."
            " Try again when one has ended, or cancel some."
        )


@dataclass(frozen=True, kw_only=True)
class Requested:
    """The report that answers a request: a new or an existing one.

    ``replayed``: the same request was sent before with the same key. ``reused``: another request
    gave the same report.
    """

    report: Report
    replayed: bool = False
    reused: bool = False

    @property
    def is_new(self) -> bool:
        """Whether it must be queued."""
        return not (self.replayed or self.reused)


def request_report(  # noqa: PLR0913 - every one by name
    *,
    as_of: datetime | None = None,
    requested_by: str,
    wanted: Parameters | None = None,
    key: str = "",
    reuse: bool = False,
    most_unfinished: int = 0,
) -> Requested:
    """Find or create the requested report; its instant is fixed here for good (rule 1).

    1. The same ``key`` of the same sender is the same report; KeyReused if the request differs.
    2. With ``reuse``, an existing report that is sure to have the same bytes is returned.
    3. Otherwise a new one is queued. Of two concurrent requests with one key, one creates it.

    Raises NoPolls if there is no poll to take the instant from, UnusableParameter, and
    TooManyUnfinished if a new one would exceed ``most_unfinished``; 0 is no limit.
    """
    wanted = wanted or Parameters(as_of=as_of)
    request = wanted.digest(reuse=reuse)
    known = _known(requested_by, key, request)
    if known:
        return Requested(report=known, replayed=True)
    try:
        with transaction.atomic():
            return _found_or_made(
                wanted, requested_by, key, request, reuse=reuse, most_unfinished=most_unfinished
            )
    except IntegrityError:
        known = _known(requested_by, key, request)
        if known is None:
            raise
        return Requested(report=known, replayed=True)


def _known(requested_by: str, key: str, request: str) -> Report | None:
    """Return the report of a key. Raises KeyReused if the key came with another request."""
    if not key:
        return None
    same = IdempotencyKey.objects.filter(requested_by=requested_by, key=key)
    found = same.select_related("report").first()
    if found and found.request != request:
        raise KeyReused(key)
    return found.report if found else None


def check_room(requested_by: str, most_unfinished: int) -> None:
    """Raise TooManyUnfinished if the sender already has that many; 0 is no limit.

    Concurrent requests may all find the last place free.
    """
    own = Report.objects.filter(requested_by=requested_by, status__in=UNFINISHED)
    if most_unfinished and own.count() >= most_unfinished:
        raise TooManyUnfinished(most_unfinished)


def _found_or_made(  # noqa: PLR0913 - what was asked, by whom, and how
    wanted: Parameters,
    requested_by: str,
    key: str,
    request: str,
    *,
    reuse: bool,
    most_unfinished: int,
) -> Requested:
    as_of = wanted.as_of or _newest_poll()
    if as_of is None:
        raise NoPolls
    # Not before: the same request finds its report also if the targets have changed since.
    wanted = wanted.with_targets().fixed(as_of)
    check_as_of(wanted, as_of)
    check_known(wanted.stores)
    equal = _equal(wanted) if reuse else None
    if equal is None:
        check_room(requested_by, most_unfinished)
    report = equal or _made(wanted, as_of, requested_by)
    if key:
        IdempotencyKey.objects.create(
            requested_by=requested_by, key=key, request=request, report=report
        )
    return Requested(report=report, reused=equal is not None)


def _newest_poll() -> datetime | None:
    """Return the instant of the newest poll of the data that the report is about."""
    database().hold_sample()
    return newest_poll()


def _equal(wanted: Parameters) -> Report | None:
    """Return a report of the same data, or one that will be of the same or newer data.

    It cannot be deleted before this transaction ends, and its file exists and is complete.
    """
    equal = Report.objects.filter(
        fingerprint=fingerprint(wanted), data_version=current_version(), status__in=_REUSABLE
    )
    # Locked in the order that all code uses, to avoid deadlocks.
    locked = equal.order_by("pk").select_for_update(no_key=True)
    for report in sorted(locked, key=attrgetter("created_at"), reverse=True):
        if report.status != Status.COMPLETE or stored_size(report.file) == report.size:
            return report
    return None


def _made(wanted: Parameters, as_of: datetime, requested_by: str) -> Report:
    now = clock.now()
    return Report.objects.create(
        as_of=as_of,
        windows=list(wanted.windows),
        columns=wanted.columns,
        max_gap=wanted.max_gap,
        stores=wanted.stores,
        poller_outages=wanted.poller_outages,
        kind=wanted.kind,
        targets=None if wanted.targets is None else told(wanted.targets),
        fingerprint=fingerprint(wanted),
        data_version=current_version(),
        requested_by=requested_by,
        turn=next_turn(requested_by),
        created_at=now,
        enqueued_at=now,
    )
