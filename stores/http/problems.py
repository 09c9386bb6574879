"""What requests about stores can be answered with, apart from success."""

from api.problems import Problem


class StoreChanged(Problem):
    """The store is not, or no longer, as If-Match says, or is there despite If-None-Match."""

    status_code = 412
    default_code = "store_changed"
    default_detail = "The store is not as the request takes it to be. Read it again."
