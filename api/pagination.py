"""Pages of lists that grow while they are read."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Pages that stay put while new rows come in, by a number that only grows."""

    ordering: tuple[str, ...] = ("-id",)
    page_size = 50
