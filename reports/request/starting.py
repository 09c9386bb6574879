"""Starting a report, for the API and the admin: first a row, then a message."""

from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from api.broker_faults import BROKER_FAULTS
from reports import tasks
from reports.models import Columns, PollerOutages, ReportKind
from reports.request.parameters import parameters
from reports.request.requesting import request_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from decimal import Decimal

    from reports.models import Report
    from reports.request.parameters import Parameters
    from reports.request.requesting import Requested


class NotQueued(Exception):
    """The broker cannot be reached; ``report`` was created and marked as failed."""

    def __init__(self, report: "Report") -> None:
        super().__init__("The message broker cannot be reached, so the report could not be queued.")
        self.report = report


def start_report(  # noqa: PLR0913 - every one by name
    *,
    as_of: "datetime | None" = None,
    requested_by: str,
    windows: "Sequence[str] | None" = None,
    stores: "Mapping[str, Any] | None" = None,
    max_gap: "timedelta | None" = None,
    columns: str = Columns.CLASSIC,
    poller_outages: str = PollerOutages.FILL,
    kind: str = ReportKind.UPTIME,
    target: "Decimal | None" = None,
    idempotency_key: str = "",
) -> "Report":
    """Create a report and queue it after the commit.

    ``as_of`` None means as of the newest poll, ``windows`` None the classic ones, ``stores`` None
    all of them: otherwise any of ``ids``, ``time_zone`` and ``tag``, which must all hold. The same
    ``idempotency_key`` of the same sender returns the same report. Raises NoPolls, NotQueued,
    UnusableParameter, KeyReused and TooManyUnfinished.
    """
    wanted = parameters(
        as_of=as_of,
        windows=windows,
        stores=stores,
        max_gap=max_gap,
        columns=columns,
        poller_outages=poller_outages,
        kind=kind,
        target=target,
    )
    return start(wanted, requested_by=requested_by, key=idempotency_key).report


def start(
    wanted: "Parameters", *, requested_by: str, key: str = "", reuse: bool = False
) -> "Requested":
    """Do the same for canonical parameters, and tell whether the report is new.

    ``reuse`` allows an earlier report that is sure to be the same.
    """
    with transaction.atomic():
        requested = request_report(
            wanted=wanted,
            requested_by=requested_by,
            key=key,
            reuse=reuse,
            most_unfinished=settings.REPORT_MAX_UNFINISHED,
        )
        if requested.is_new:
            transaction.on_commit(partial(_enqueue, requested.report))
    return requested


def _enqueue(report: "Report") -> None:
    try:
        tasks.enqueue(report)
    except BROKER_FAULTS as error:
        # A repeated request then creates another report.
        report.idempotency_keys.all().delete()
        raise NotQueued(report) from error
