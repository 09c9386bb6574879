"""Pages of stores and of polls, which stay put while others come in."""

from typing import TYPE_CHECKING

from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

if TYPE_CHECKING:
    from rest_framework.pagination import Cursor
    from rest_framework.request import Request


class _Pages(CursorPagination):
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1000

    def decode_cursor(self, request: "Request") -> "Cursor | None":
        """Return where the page begins; NotFound for a cursor that no page of ours had."""
        cursor = super().decode_cursor(request)
        # Typed as a number by the stubs; what a client says is text.
        position = cursor and cursor.position
        if position is not None and not self.is_position(str(position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def is_position(self, text: str) -> bool:
        """Tell whether a text can be what the list is ordered by."""
        raise NotImplementedError


class ById(_Pages):
    """Stores in the database's order of their ids."""

    ordering = ("store_id",)

    def is_position(self, text: str) -> bool:
        """Tell whether a text can be an id."""
        return "\0" not in text


class NewestPollFirst(_Pages):
    """Polls of one store, of which there is one at an instant."""

    ordering = ("-polled_at",)

    def is_position(self, text: str) -> bool:
        """Tell whether a text says an instant."""
        try:
            instant = parse_datetime(text)
        except ValueError:
            return False
        return instant is not None and instant.tzinfo is not None
