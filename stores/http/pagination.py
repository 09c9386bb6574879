"""Pages of stores and of polls, which stay put while others come in."""

from api.pagination import CursorPages


class _Pages(CursorPages):
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1000


class ById(_Pages):
    """Stores in the database's order of their ids."""

    ordering = ("store_id",)


class NewestPollFirst(_Pages):
    """Polls of one store, of which there is one at an instant."""

    ordering = ("-polled_at",)
