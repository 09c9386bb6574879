"""Stored CSV files as HTTP answers."""

import logging
from typing import TYPE_CHECKING

from django.http import FileResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from api.problems import Problem

if TYPE_CHECKING:
    from django.core.files import File
    from django.db.models.fields.files import FieldFile
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

logger = logging.getLogger(__name__)


class FileGone(Problem):
    """The database knows a file that the storage no longer has."""

    status_code = 410
    default_code = "file_gone"
    default_detail = "The file is no longer in storage."


def csv_response(
    request: "HttpRequest", file: "FieldFile", *, name: str, sha256: str = "", inline: bool = False
) -> "HttpResponseBase":
    """Stream a stored CSV under ``name``; with its ``sha256``, answer If-None-Match by 304.

    Raises FileGone where the storage has lost the file.
    """
    etag = quote_etag(sha256) if sha256 else None
    answer = get_conditional_response(request, etag=etag) or _stream(file, name, inline=inline)
    if etag:
        answer.headers["ETag"] = etag
    return answer


def stored_text(file: "FieldFile") -> str:
    """Return the whole of a stored CSV; raises FileGone."""
    with _opened(file) as opened:
        content: bytes = opened.read()
    return content.decode()


def _stream(file: "FieldFile", name: str, *, inline: bool) -> FileResponse:
    return FileResponse(
        _opened(file),
        as_attachment=not inline,
        filename=name,
        content_type="text/csv; charset=utf-8",
    )


def _opened(file: "FieldFile") -> "File[bytes]":
    try:
        return file.storage.open(file.name or "")
    except FileNotFoundError as error:
        logger.exception("%s is not in storage", file.name)
        raise FileGone from error
