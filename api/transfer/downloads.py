"""File downloads over HTTP: ranges, compression, ETags."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import content_disposition_header, quote_etag

from api.errors.problems import PreconditionFailed, Problem, StorageUnavailable
from api.errors.storage_faults import storage_faults
from api.transfer.compression import chosen_coding, compressed
from api.transfer.ranges import byte_range

if TYPE_CHECKING:
    from django.core.files import File
    from django.db.models.fields.files import FieldFile
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

logger = logging.getLogger(__name__)

_PIECE = 256 * 1024


class FileGone(Problem):
    """The database knows a file that is no longer in storage."""

    status_code = 410
    default_code = "file_gone"
    default_detail = "The file is no longer in storage."


class FileDamaged(Problem):
    """The file in storage has the wrong size."""

    status_code = 410
    default_code = "file_damaged"
    default_detail = "The file in storage is damaged and was not sent. Create it again."


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file to send.

    ``open`` returns it, positioned at its start; it can seek, and its ``size`` is known.
    ``version`` changes whenever the bytes do and becomes the ETag. A ``packable`` file is
    compressed on request. ``is_damaged`` checks the file without opening it.
    """

    name: str
    media_type: str
    open: "Callable[[], File[bytes]]"
    version: str = ""
    inline: bool = False
    packable: bool = False
    is_damaged: Callable[[], bool] = lambda: False


def send(request: "HttpRequest", download: Download) -> "HttpResponseBase":
    """Answer GET or HEAD with the file or the part that ``Range`` asks for.

    ``If-None-Match`` is answered with 304 without opening the file, even if it is gone: the
    client's copy is right. Raises FileGone, FileDamaged, StorageUnavailable, PreconditionFailed and
    RangeNotSatisfiable.
    """
    coding = _coding(request, download)
    etag = _etag(download.version, coding)
    answer = _conditional(request, download, etag) or _answer(request, download, etag, coding)
    if etag:
        answer.headers["ETag"] = etag
    if download.packable:
        patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


def csv_response(  # noqa: PLR0913 - every one by name
    request: "HttpRequest",
    file: "FieldFile",
    *,
    name: str,
    size: int | None = None,
    sha256: str = "",
    inline: bool = False,
) -> "HttpResponseBase":
    """Send a stored CSV under ``name``, see ``send``; ``size`` is its expected size."""
    return send(
        request,
        Download(
            name=name,
            media_type="text/csv; charset=utf-8",
            open=lambda: opened(file, size=size),
            is_damaged=lambda: is_damaged(file, size),
            version=sha256,
            inline=inline,
        ),
    )


def stored_text(file: "FieldFile", *, size: int | None = None) -> str:
    """Return the text of a stored CSV; raises what ``opened`` raises."""
    with reading_storage(), opened(file, size=size) as stored:
        content: bytes = stored.read()
    return content.decode()


def opened(file: "FieldFile", *, size: int | None = None) -> "File[bytes]":
    """Return a stored file, open; raises FileGone, FileDamaged and StorageUnavailable.

    A file that does not have ``size`` bytes is damaged; None accepts any size.
    """
    with reading_storage(), ExitStack() as unsent:
        try:
            stored: File[bytes] = file.storage.open(file.name or "")
        except FileNotFoundError as error:
            logger.error("%s is not in storage", file.name)  # noqa: TRY400 - says it all
            raise FileGone from error
        unsent.enter_context(stored)
        if size is not None and stored.size != size:
            logger.error("%s has %d bytes and should have %d", file.name, stored.size, size)
            raise FileDamaged
        unsent.pop_all()
        return stored


def stored_size(file: "FieldFile") -> int | None:
    """Return the size of a stored file in bytes; None if it or the storage is unavailable."""
    try:
        size: int = file.storage.size(file.name or "")
    except storage_faults():
        return None
    return size


def is_damaged(file: "FieldFile", size: int | None) -> bool:
    """Return whether a stored file exists and has the wrong size."""
    return size is not None and stored_size(file) not in {None, size}


@contextmanager
def reading_storage() -> Iterator[None]:
    """Turn the errors of an unreachable storage into StorageUnavailable."""
    try:
        yield
    except storage_faults() as error:
        raise StorageUnavailable from error


def _coding(request: "HttpRequest", download: Download) -> str:
    """Return the coding to compress with, "" for none. Ranges are never compressed."""
    if not download.packable or "Range" in request.headers:
        return ""
    return chosen_coding(request.headers.get("Accept-Encoding", ""))


def _etag(version: str, coding: str) -> str:
    """Return the ETag of these bytes; each coding has its own."""
    return quote_etag(f"{version}-{coding}" if coding else version) if version else ""


def _conditional(request: "HttpRequest", download: Download, etag: str) -> HttpResponse | None:
    answer = get_conditional_response(request, etag=etag or None)
    if answer is not None and answer.status_code == PreconditionFailed.status_code:
        raise PreconditionFailed
    # A client that was sent the damaged file must not be told that it is right.
    if answer is not None and download.is_damaged():
        raise FileDamaged
    return answer


def _answer(
    request: "HttpRequest", download: Download, etag: str, coding: str
) -> "HttpResponseBase":
    with reading_storage(), ExitStack() as unsent:
        file = unsent.enter_context(download.open())
        answer = _sent(request, file, etag, coding)
        # From here on the response closes it.
        unsent.pop_all()
    answer.headers["Content-Type"] = download.media_type
    answer.headers["Content-Disposition"] = str(
        content_disposition_header(not download.inline, download.name)
    )
    answer.headers["Accept-Ranges"] = "bytes"
    return answer


def _sent(
    request: "HttpRequest", file: "File[bytes]", etag: str, coding: str
) -> "HttpResponseBase":
    if coding:
        return _packed(request, file, coding)
    if request.method == "HEAD":
        size = file.size
        file.close()
        return HttpResponse(headers={"Content-Length": str(size)})
    wanted = _wanted(request, etag, file)
    return FileResponse(file) if wanted is None else _part(file, wanted)


def _packed(request: "HttpRequest", file: "File[bytes]", coding: str) -> StreamingHttpResponse:
    """Return the whole file compressed; its length is not known in advance."""
    file.seek(0)  # django-storages fetches it now, while an error can still be reported.
    pieces = () if request.method == "HEAD" else compressed(_pieces(file), coding)
    return StreamingHttpResponse(_Closing(pieces, file), headers={"Content-Encoding": coding})


def _wanted(request: "HttpRequest", etag: str, file: "File[bytes]") -> range | None:
    """Return the bytes asked for, None for all.

    If ``If-Range`` names another version, all are sent: a part would not fit the client's copy.
    """
    if "Range" not in request.headers or request.headers.get("If-Range", etag) != etag:
        return None
    return byte_range(request.headers["Range"], file.size)


def _part(file: "File[bytes]", wanted: range) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        _Closing(_pieces(_stream(file, wanted), len(wanted)), file),
        status=206,
        headers={
            "Content-Length": str(len(wanted)),
            "Content-Range": f"bytes {wanted.start}-{wanted.stop - 1}/{file.size}",
        },
    )


def _stream(file: "File[bytes]", wanted: range) -> IO[bytes]:
    """Return a stream from the first wanted byte on; from a bucket, only the wanted ones."""
    stored: Any = getattr(file, "obj", None)
    if stored is not None:  # Seeking would make django-storages fetch all of it.
        body: IO[bytes] = stored.get(Range=f"bytes={wanted.start}-{wanted.stop - 1}")["Body"]
        return body
    file.seek(wanted.start)
    return file


def _pieces(stream: Any, length: int | None = None) -> Iterator[bytes]:
    """Yield ``length`` bytes, or all."""
    while piece := stream.read(_PIECE if length is None else min(_PIECE, length)):
        yield piece
        length = None if length is None else length - len(piece)


class _Closing:
    """Pieces of a file that is closed with the response, even if nothing was read."""

    def __init__(self, pieces: Iterable[bytes], file: "File[bytes]") -> None:
        self._pieces = pieces
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        self._file.close()
