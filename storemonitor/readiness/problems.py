"""The error of ``/readyz``."""

from api.errors.problems import Problem


class NotReady(Problem):
    """A part of the installation does not work; ``checks`` says which."""

    status_code = 503
    default_code = "not_ready"
    default_detail = "The installation is not ready."
