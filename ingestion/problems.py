"""What a request that brings data can be answered with, apart from success."""

from api.problems import Problem


class UnusableUpload(Problem):
    """The file in the request cannot be ingested; nothing of it was stored."""

    status_code = 400
    default_code = "unusable_file"
