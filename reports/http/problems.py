"""Errors of requests for reports."""

from api.errors.problems import Problem


class NothingIngested(Problem):
    """There is no poll to take the as of from."""

    status_code = 409
    default_code = "no_polls"


class ReportRunning(Problem):
    """The report has not ended, so it has no file yet."""

    status_code = 409
    default_code = "report_running"
    default_detail = "The report is still running."


class ReportFailed(Problem):
    """The report failed and has no file; the detail says why."""

    status_code = 409
    default_code = "report_failed"


class ReportCancelled(Problem):
    """The report was cancelled and has no file."""

    status_code = 409
    default_code = "report_cancelled"
    default_detail = "The report was cancelled and has no file."


class DataChanged(Problem):
    """The data, settings or rules no longer give the numbers of the report."""

    status_code = 409
    default_code = "data_changed"


class ReportEnded(Problem):
    """The report has already ended and cannot be cancelled."""

    status_code = 409
    default_code = "report_ended"


class TooManyReports(Problem):
    """The sender has too many queued and running reports."""

    status_code = 429
    default_code = "too_many_reports"


class IdempotencyKeyReused(Problem):
    """The ``Idempotency-Key`` was used before with another request."""

    status_code = 422
    default_code = "idempotency_key_reused"


class TooManyRows(Problem):
    """The requested format cannot hold as many rows as the report has."""

    status_code = 406
    default_code = "too_many_rows"


class TooManyConversions(Problem):
    """The server process is already converting as many large reports as it can."""

    status_code = 503
    default_code = "too_many_conversions"
    default_detail = "Too many large files are being created. Try again, or use the CSV."


class TooManyListeners(Problem):
    """The server process already has as many listeners to report events as it can."""

    status_code = 503
    default_code = "too_many_listeners"
    default_detail = "There are too many listeners to events. Poll the report instead."
