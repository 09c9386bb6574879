"""What a request that brings data can be answered with, apart from success."""

from api.problems import Problem


class UnusableUpload(Problem):
    """The file in the request cannot be ingested; nothing of it was stored."""

    status_code = 400
    default_code = "unusable_file"


class EarlierFileWaits(Problem):
    """An earlier file of the same feed waits for a worker, and must be stored before this one."""

    status_code = 409
    default_code = "earlier_file_waits"
    default_detail = "An earlier file of this feed waits for a worker. Try again once it is stored."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class FileTakesTooLong(Problem):
    """The file in the request unpacks to more than can be read while its sender waits."""

    status_code = 413
    default_code = "file_takes_too_long"
