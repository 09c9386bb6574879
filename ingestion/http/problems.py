"""Errors of requests that send data."""

from api.errors.problems import Problem


class UnusableUpload(Problem):
    """The file in the request cannot be ingested; nothing was stored."""

    status_code = 400
    default_code = "unusable_file"


class EarlierFileWaits(Problem):
    """An earlier file of the same feed is waiting for a worker and must be stored first."""

    status_code = 409
    default_code = "earlier_file_waits"
    default_detail = "An earlier file of this feed is waiting. Try again after it is stored."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class FileTakesTooLong(Problem):
    """The file in the request is too large to read during the request."""

    status_code = 413
    default_code = "file_takes_too_long"
