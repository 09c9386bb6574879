"""Files in requests: as JSON text, as a multipart field, or as the body itself."""

import shutil
import tempfile
import time
from typing import IO, TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters
from rest_framework import parsers
from rest_framework.exceptions import ParseError

from api.errors.problems import IncompleteBody
from api.transfer.bodies import body_length, check_complete
from feeds.errors import TakesTooLong, UnusableFile
from feeds.files.sources import Source, from_upload
from feeds.parsing import FeedReader
from ingestion.http.problems import EarlierFileWaits, FileTakesTooLong, UnusableUpload
from ingestion.outcomes import log_outcome
from ingestion.queue.turns import is_waited_for
from ingestion.services import Progress, ingest
from ingestion.tasks import announce_next

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

    from ingestion.models import Ingestion

UNNAMED = "request body"
NAME_LENGTH = 200


def check_not_empty(request: "Request") -> None:
    """Raise UnusableUpload if the media type announced a file but the body is empty."""
    media_type = request.content_type.partition(";")[0]
    files = {parser.media_type for parser in FileParser.__subclasses__()}
    if media_type in files and not body_length(request):
        raise UnusableUpload("The body is empty.")


def feed_of(upload: "UploadedFile[Any]") -> str:
    """Return the feed of an upload's header, "" if the file cannot be used."""
    try:
        with _source(upload).open() as stream:
            return FeedReader(stream, name=upload.name or UNNAMED).feed
    except UnusableFile:
        return ""
    finally:
        upload.seek(0)


def ingest_upload(
    upload: "UploadedFile[Any]",
    *,
    requested_by: str,
    feed: str | None = None,
    keep_sample: bool = False,
) -> "Ingestion":
    """Ingest the one file in ``upload``, then queue the file whose turn it is.

    Raises UnusableFile, EarlierFileWaits if this would overtake a file of its feed, and
    FileTakesTooLong if reading takes more than ``SYNC_INGEST_SECONDS``.
    """
    with upload:
        if is_waited_for(feed or feed_of(upload)):
            raise EarlierFileWaits
        try:
            record = ingest(
                _source(upload),
                requested_by=requested_by,
                feed=feed,
                keep_sample=keep_sample,
                on_progress=_Deadline(settings.SYNC_INGEST_SECONDS),
            )
        except UnusableFile as error:
            if error.ingestion:
                log_outcome(error.ingestion)
                announce_next(error.ingestion.pk)
            if isinstance(error, TakesTooLong):
                raise FileTakesTooLong(str(error)) from error
            raise
    log_outcome(record)
    announce_next(record.pk)
    return record


def _source(upload: "UploadedFile[Any]") -> Source:
    return from_upload(
        cast("IO[bytes]", upload.file), upload.name or UNNAMED, limit=settings.MAX_UNPACKED_BYTES
    )


class _Deadline:
    """Limits the time of reading a file during a request."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds

    def __call__(self, progress: Progress) -> None:
        """Raise TakesTooLong if reading takes too long; storing is not interrupted."""
        if progress.phase == "reading" and time.monotonic() > self._ends:
            raise TakesTooLong(
                f"Reading the file took longer than {self._seconds} s; nothing was stored."
                " Send it with 'Prefer: respond-async', so that a worker reads it."
            )


def presentable_name(given: str) -> str:
    """Return a sender's file name in a form that is safe for database, log and pages.

    That is the last ``NAME_LENGTH`` printable characters of its last part, or ``UNNAMED`` if none
    are left. Unprintable ones are removed: NUL, line ends, surrogates.
    """
    printable = "".join(character for character in given if character.isprintable())
    name = printable.replace("\\", "/").rpartition("/")[2].strip()
    return UNNAMED if name in {"", ".", ".."} else name[-NAME_LENGTH:]


class WholeMultiPartParser(parsers.MultiPartParser):
    """Multipart forms. Django accepts truncated ones, but half a file must not be stored."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: "Mapping[str, Any] | None" = None,
    ) -> Any:
        """Return fields and files; IncompleteBody if the end is missing.

        Raises ParseError for a form without a readable field. Django skips parts whose header it
        cannot read, and a file must not get lost silently.
        """
        counted = _CountedStream(stream)
        parsed = super().parse(cast("IO[Any]", counted), media_type, dict(parser_context or {}))
        check_complete(_request(parser_context), counted.count)
        if not (parsed.data or parsed.files) and counted.count > _empty_form(media_type or ""):
            raise ParseError("No field of the form can be read. Check each Content-Disposition.")
        return parsed


class FileParser(parsers.BaseParser):
    """The body is the file; a Content-Disposition may name it."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: "Mapping[str, Any] | None" = None,
    ) -> "parsers.DataAndFiles[Any, Any]":
        """Return the body under the name ``file``, on disk when large.

        Raises IncompleteBody, and ParseError for an unreadable Content-Disposition. The body is
        received completely first: ingestion must not wait for a slow sender in an open transaction.
        """
        name = _disposed_name(_request(parser_context))
        body = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed when ingested
            max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE
        )
        upload = UploadedFile(cast("IO[bytes]", body), name)
        try:
            shutil.copyfileobj(stream, body)
            upload.size = body.tell()
            check_complete(_request(parser_context), upload.size)
        except (OSError, IncompleteBody):
            upload.close()
            raise
        body.seek(0)
        return parsers.DataAndFiles(MultiValueDict(), MultiValueDict({"file": [upload]}))


class CSVParser(FileParser):
    """An uncompressed CSV."""

    media_type = "text/csv"


class NDJSONParser(FileParser):
    """Polls as NDJSON."""

    media_type = "application/x-ndjson"


class GzipParser(FileParser):
    """A CSV compressed with gzip."""

    media_type = "application/gzip"


class ZstdParser(FileParser):
    """A CSV compressed with zstd."""

    media_type = "application/zstd"


class ZipParser(FileParser):
    """A CSV in a zip archive."""

    media_type = "application/zip"


class BinaryParser(FileParser):
    """Any of these, from a sender that does not know which."""

    media_type = "application/octet-stream"


# The media types of a CSV in a request.
CSV_PARSERS = [
    CSVParser,
    WholeMultiPartParser,
    GzipParser,
    ZstdParser,
    ZipParser,
    BinaryParser,
]


def _request(parser_context: "Mapping[str, Any] | None") -> "Request":
    request: Request = (parser_context or {})["request"]
    return request


def _disposed_name(request: "Request") -> str:
    disposition = request.headers.get("Content-Disposition", "")
    try:
        parameters = parse_header_parameters(disposition)[1]
    except ValueError as error:
        raise ParseError("The Content-Disposition cannot be read.") from error
    return presentable_name(parameters.get("filename", ""))


def _empty_form(media_type: str) -> int:
    """Return the maximum size of a form without fields: its end, between line ends."""
    boundary = parse_header_parameters(media_type)[1].get("boundary", "")
    return len(f"\r\n--{boundary}--\r\n")


class _CountedStream:
    """Counts the bytes read through it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.count += len(chunk)
        return chunk
