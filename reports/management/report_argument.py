"""The report that a command is about."""

import argparse
from uuid import UUID

from django.core.management.base import CommandError

from reports.models import Report, Status


def report_id(text: str) -> UUID:
    """Return the id; argparse prints what is raised."""
    try:
        return UUID(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not the id of a report") from error


def complete_report(wanted: UUID, why: str) -> Report:
    """Return a complete report. Raises ``CommandError``, which says ``why`` it must be."""
    found = Report.objects.filter(pk=wanted).first()
    if found is None:
        raise CommandError(f"There is no report {wanted}.")
    if found.status != Status.COMPLETE:
        raise CommandError(f"The report is {found.status}; {why}.")
    return found
