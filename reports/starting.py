"""The way a report begins, for the API and the admin: a row first, then a message."""

from functools import partial
from typing import TYPE_CHECKING

import kombu.exceptions
from django.db import transaction

from reports import tasks
from reports.services import request_report

if TYPE_CHECKING:
    from datetime import datetime

    from reports.models import Report


class NotQueued(Exception):
    """The broker cannot be reached; ``report`` was created and marked as failed."""

    def __init__(self, report: "Report") -> None:
        super().__init__("The message broker cannot be reached, so the report could not be queued.")
        self.report = report


def start_report(*, as_of: "datetime | None", requested_by: str) -> "Report":
    """Create a report and, once it is committed, have a worker told of it.

    ``as_of`` None means as of the newest poll. Raises NoPolls and NotQueued.
    """
    with transaction.atomic():
        report = request_report(as_of=as_of, requested_by=requested_by)
        transaction.on_commit(partial(_enqueue, report))
    return report


def _enqueue(report: "Report") -> None:
    try:
        tasks.enqueue(report)
    except kombu.exceptions.OperationalError as error:
        raise NotQueued(report) from error
