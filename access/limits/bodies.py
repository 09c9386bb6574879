"""Limits on the size of a request body, checked before any of it is stored."""

from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.http.request import UnreadablePostError
from django.urls import resolve

from access.authentication import bearer, usable
from access.permissions import granted
from access.scopes import INGEST
from api.transfer.bodies import UNKNOWN_SENDER_BYTES, body_length

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

_CHUNK = 64 * 1024
_IN_MEMORY = 1024 * 1024


class BodyLimit:
    """Limits bodies by sender, and measures chunked ones, which announce no length.

    Django treats a body without a length as empty. A chunked body is read up to the limit, on disk
    if large; the sender is checked first. A body above the limit cannot be read: a view or
    middleware that tries gets RequestDataTooBig, which becomes a 413. A view that refuses the
    sender answers 401 or 403 without reading.
    """

    def __init__(self, get_response: "Callable[[HttpRequest], HttpResponse]") -> None:
        self._get_response = get_response

    def __call__(self, request: "HttpRequest") -> "HttpResponse":
        chunked = _is_chunked(request)
        if not chunked and body_length(request) <= UNKNOWN_SENDER_BYTES:
            return self._get_response(request)
        limit = limit_of(request)
        if chunked:
            with SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
                _take_in(request, body, limit)
                return self._get_response(request)
        if body_length(request) > limit:
            _replace(request, _Unreadable(_too_large(limit)))
        return self._get_response(request)


def limit_of(request: "HttpRequest") -> int:
    """Return the body limit in bytes for this sender and this URL."""
    is_known, may_ingest = _standing(request)
    if not is_known:
        return UNKNOWN_SENDER_BYTES
    takes_files = may_ingest and _takes_files(request)
    limit = settings.MAX_UPLOAD_BYTES if takes_files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return int(limit)


def _standing(request: "HttpRequest") -> tuple[bool, bool]:
    """Return whether the sender is known or needs no token, and whether it may ingest."""
    secret = bearer(request)
    try:
        if secret is not None:
            token = usable(secret)
            return token is not None, token is not None and INGEST in token.allows
        scopes, user = granted(request), request.user
        may_ingest = INGEST in scopes or user.has_perm("ingestion.add_ingestion")
        return bool(scopes) or user.is_authenticated, may_ingest
    except (OperationalError, InterfaceError):
        # Without a database no sender is known. The view notices too, and answers 503.
        return False, False


def _takes_files(request: "HttpRequest") -> bool:
    """Tell whether the view sets ``takes_files``: an API class or an admin page."""
    try:
        view = resolve(request.path_info).func
    except Http404:
        return False
    return bool(getattr(getattr(view, "cls", view), "takes_files", False))


def _is_chunked(request: "HttpRequest") -> bool:
    """Tell whether the length is unknown and the server marks the end, as gunicorn does."""
    return (
        "Transfer-Encoding" in request.headers
        and not request.META.get("CONTENT_LENGTH")
        and bool(request.META.get("wsgi.input_terminated"))
    )


def _take_in(request: "HttpRequest", body: IO[bytes], limit: int) -> None:
    stream: IO[bytes] = request.META["wsgi.input"]
    length = 0
    try:
        while length <= limit and (chunk := _read(stream)):
            length += len(chunk)
            if length <= limit:
                body.write(chunk)
    except UnreadablePostError as error:
        request.META["CONTENT_LENGTH"] = str(length + 1)
        _replace(request, _Unreadable(error))
        return
    body.seek(0)
    request.META["CONTENT_LENGTH"] = str(length)
    _replace(request, body if length <= limit else _Unreadable(_too_large(limit)))


def _read(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(_CHUNK)
    except OSError as error:
        raise UnreadablePostError(str(error)) from error


def _too_large(limit: int) -> RequestDataTooBig:
    return RequestDataTooBig(f"The body is larger than the {limit:,} bytes allowed.")


def _replace(request: "HttpRequest", stream: Any) -> None:
    """Make all readers use this stream; Django created its own before the body was checked."""
    request._stream = stream  # noqa: SLF001 - there is no other way in


class _Unreadable:
    """A body that must not or cannot be read."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, *_: int) -> bytes:
        raise self._error

    readline = read
