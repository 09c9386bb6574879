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
