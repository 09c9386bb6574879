"""Errors of requests about stores."""

from api.errors.problems import Problem


class StoreChanged(Problem):
    """The store does not match If-Match, or exists despite If-None-Match."""

    status_code = 412
    default_code = "store_changed"
    default_detail = "The store has changed, or exists already. Read it again."
