"""What a request for a report can be answered with, apart from success."""

from api.problems import Problem


class NothingIngested(Problem):
    """No poll to take the instant of the report from."""

    status_code = 409
    default_code = "no_polls"


class ReportRunning(Problem):
    """The file was asked for before it was there."""

    status_code = 409
    default_code = "report_running"
    default_detail = "The report is still running."


class ReportFailed(Problem):
    """The file was asked for and will never be there; the detail says why."""

    status_code = 409
    default_code = "report_failed"


class ReportCancelled(Problem):
    """The file was asked for of a report that somebody cancelled."""

    status_code = 409
    default_code = "report_cancelled"
    default_detail = "The report was cancelled and has no file."


class ReportEnded(Problem):
    """The report was to be cancelled and had ended before."""

    status_code = 409
    default_code = "report_ended"


class TooManyReports(Problem):
    """As many reports of the sender are queued and running as one may have."""

    status_code = 429
    default_code = "too_many_reports"


class IdempotencyKeyReused(Problem):
    """An ``Idempotency-Key`` came with one request before, and now with another."""

    status_code = 422
    default_code = "idempotency_key_reused"


class TooManyRows(Problem):
    """The form that was asked for cannot hold as many rows as the report has."""

    status_code = 406
    default_code = "too_many_rows"


class TooManyConversions(Problem):
    """As many large files are being made of reports as this process has places for."""

    status_code = 503
    default_code = "too_many_conversions"
    default_detail = "Too many large files are being made. Try again, or take the CSV."


class TooManyListeners(Problem):
    """As many listen to events of reports as this process of the server has places for."""

    status_code = 503
    default_code = "too_many_listeners"
    default_detail = "Too many listen to events already. Ask for the report itself now and then."
