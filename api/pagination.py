"""Pagination of lists that grow while they are read."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from django.core.exceptions import ValidationError as ModelError
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination

from api.errors.problems import UNUSABLE
from api.serializers import CURSOR, EARLIEST, LATEST

if TYPE_CHECKING:
    from django.db.models import Field, QuerySet
    from rest_framework.pagination import Cursor
    from rest_framework.request import Request
    from rest_framework.views import APIView


class CursorPages(CursorPagination):
    """Pages by a cursor that holds the position of a row; clients may write their own."""

    _ordered_by: "Field[Any, Any]"

    def paginate_queryset(  # type: ignore[override] # no list of ours is a mere sequence
        self, queryset: "QuerySet[Any]", request: "Request", view: "APIView | None" = None
    ) -> list[Any] | None:
        """Return the rows of the page; ValidationError for a cursor that fits no page."""
        self._ordered_by = queryset.model._meta.get_field(self.ordering[0].lstrip("-"))
        return super().paginate_queryset(queryset, request, view)

    def decode_cursor(self, request: "Request") -> "Cursor | None":
        """Return where the page begins; ValidationError for a malformed cursor."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            self._refuse()
        # The stubs declare a number; what a client sends is text.
        if cursor and cursor.position is not None and not self._is_value(str(cursor.position)):
            self._refuse()
        return cursor

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        return [
            {**one, "schema": CURSOR} if one["name"] == self.cursor_query_param else one
            for one in parameters
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema of a page, with examples that are URLs: those of DRF are none."""
        page: dict[str, Any] = super().get_paginated_response_schema(schema)
        for name in ("next", "previous"):
            page["properties"][name]["example"] = "http://127.0.0.1:8000/...?cursor=cD00ODY"
        return page

    def _is_value(self, text: str) -> bool:
        """Tell whether the text can be a value of the column that orders the list."""
        try:
            value = self._ordered_by.to_python(text)
        except (ModelError, ValueError, OverflowError):
            return False
        if isinstance(value, datetime):
            return value.tzinfo is not None and EARLIEST <= value < LATEST
        return "\0" not in text

    def _refuse(self) -> NoReturn:
        message = "No page begins there. Use `next` or `previous` of an answer unchanged."
        raise ValidationError({self.cursor_query_param: [message]}, code=UNUSABLE)


class NewestFirst(CursorPages):
    """Pages that stay stable while rows are added, by a number that only grows."""

    ordering: tuple[str, ...] = ("-id",)
    page_size = 50
