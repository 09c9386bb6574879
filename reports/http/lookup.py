"""The report that a request names, and whether it has a file."""

import uuid

from django.http import Http404
from rest_framework.exceptions import ValidationError

from reports.http.problems import ReportCancelled, ReportFailed, ReportRunning
from reports.models import Report

NO_REPORT = "There is no report with this id."


def report_named(report_id: uuid.UUID | str) -> Report:
    """Return the report; ValidationError for a malformed id, Http404 for an unknown one."""
    try:
        key = uuid.UUID(str(report_id))
    except ValueError as error:
        raise ValidationError("report_id: must be a UUID.") from error
    report = Report.objects.filter(id=key).first()
    if report is None:
        raise Http404(NO_REPORT)
    return report


def check_complete(report: Report) -> None:
    """Raise ReportRunning, ReportFailed or ReportCancelled for a report without a file."""
    if report.status == Report.Status.FAILED:
        raise ReportFailed(report.error)
    if report.status == Report.Status.CANCELLED:
        raise ReportCancelled
    if report.status != Report.Status.COMPLETE:
        raise ReportRunning
