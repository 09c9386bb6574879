"""Errors of requests about stores."""

from api.errors.problems import Problem


class StoreChanged(Problem):
    """The store does not match If-Match, or exists despite If-None-Match."""

    status_code = 412
    default_code = "store_changed"
    default_detail = "The store has changed, or exists already. Read it again."


class SpecialDayConflict(Problem):
    """The scope has other rows for that date, which contradict this one."""

    status_code = 409
    default_code = "special_day_conflict"
    default_detail = "The whole fleet is closed on that date already. Delete or change that row."
