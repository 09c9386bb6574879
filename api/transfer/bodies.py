"""Limits on request bodies, and JSON bodies."""

import json
import re
from typing import IO, TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from rest_framework import parsers
from rest_framework.exceptions import ParseError

from api.errors.problems import BodyTooLarge, IncompleteBody, LengthRequired

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest
    from rest_framework.request import Request

ViewT = TypeVar("ViewT")

# The limit for unknown senders, which is enough for most calls.
UNKNOWN_SENDER_BYTES = 64 * 1024

_MOST_OUTSIDE = 64 * 1024
# A JSON string, perhaps without its end: it matches at every quote, so it is read once.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)


def takes_files(view: ViewT) -> ViewT:
    """Mark an admin page whose form may upload files of up to ``MAX_UPLOAD_BYTES``."""
    setattr(view, "takes_files", True)  # noqa: B010 - a function has no such attribute by itself
    return view


def body_length(request: "Request | HttpRequest") -> int:
    """Return the announced length of the body in bytes."""
    return int(request.META.get("CONTENT_LENGTH") or 0)


def check_length(request: "Request", limit: int) -> None:
    """Raise BodyTooLarge above ``limit`` bytes, LengthRequired if the length is unknown."""
    if not body_length(request):
        if "Transfer-Encoding" in request.headers:
            raise LengthRequired
    elif body_length(request) > limit:
        raise BodyTooLarge(f"The body is larger than the {limit:,} bytes allowed.")


def check_complete(request: "Request", received: int) -> None:
    """Raise IncompleteBody if fewer bytes arrived than were announced."""
    if received < body_length(request):
        raise IncompleteBody


class JSONBodyParser(parsers.BaseParser):
    """JSON, read straight from the connection: Django's limit for forms does not apply."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 - DRF's signature
        parser_context: "Mapping[str, Any] | None" = None,
    ) -> Any:
        """Return the decoded value; ParseError says where it is broken.

        Raises BodyTooLarge above ``MAX_JSON_BYTES``, since all of it is held in memory several
        times, and for more than 64 KiB outside strings, since values take fifty times the size of
        their text.
        """
        request: Request = (parser_context or {})["request"]
        _check_json_length(request)
        body = stream.read()
        check_complete(request, len(body))
        _check_json_shape(body)
        try:
            return json.loads(body, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not valid JSON: {error}.") from error


def _check_json_length(request: "Request") -> None:
    limit: int = settings.MAX_JSON_BYTES
    if body_length(request) > limit:
        raise BodyTooLarge(
            f"The body is larger than the {limit:,} bytes allowed for JSON."
            " Send the file as a form (multipart/form-data) or as the body itself (text/csv)."
        )


def _check_json_shape(body: bytes) -> None:
    """Raise BodyTooLarge if a body has too much text outside its strings."""
    outside, end = 0, 0
    for string in _STRING.finditer(body):
        outside += string.start() - end
        if outside > _MOST_OUTSIDE:
            break
        end = string.end()
    if outside + len(body) - end > _MOST_OUTSIDE:
        raise BodyTooLarge(
            f"The body has more than {_MOST_OUTSIDE:,} bytes outside its strings,"
            " which no call of this API needs."
        )


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
