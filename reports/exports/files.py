"""A complete report as a download, in any format."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from django.core.files import File
from rest_framework.renderers import JSONRenderer

from api.transfer.downloads import Download, is_damaged, opened, reading_storage, send
from reports.exports.blocks import Stored
from reports.exports.formats import CSV, Format, Writer
from reports.http.problems import TooManyConversions, TooManyRows
from reports.http.serializers import ReportSerializer
from reports.kinds.known import KINDS
from reports.request.parameters import question_of

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

    from reports.models import Report

# Facts about the report that never change and do not depend on the client.
ABOUT = (
    "id",
    "as_of",
    "created_at",
    "windows",
    "columns",
    "max_gap",
    "stores",
    "poller_outages",
    "kind",
    "targets",
    "nobody_polled",
    "excluded",
    "row_count",
    "sha256",
)

# Converting a million stores takes a thread and a processor for up to a minute and a half.
_LARGE_BYTES = 1024 * 1024
_MOST_AT_ONCE = 2
_places = BoundedSemaphore(_MOST_AT_ONCE)


def send_report(request: "Request", report: "Report", form: Format = CSV) -> "HttpResponseBase":
    """Send a complete report; formats other than CSV are first created on disk.

    Raises TooManyRows, TooManyConversions, and what ``api.transfer.downloads.send`` raises.
    """
    if form.row_limit is not None and (report.row_count or 0) > form.row_limit:
        raise TooManyRows(
            f"The report has {report.row_count:,} rows; .{form.suffix} can hold {form.row_limit:,}."
        )
    download = Download(
        name=file_name(report, form),
        media_type=form.media_type,
        open=lambda: _made(request, report, form),
        version=form.version(report.sha256),
        packable=form.packable,
        is_damaged=lambda: is_damaged(report.file, report.size),
    )
    return send(request, download)


def file_name(report: "Report", form: Format = CSV) -> str:
    """Return the file name for downloads of a report."""
    return f"store-report-{report.as_of:%Y%m%dT%H%M%SZ}-{report.id.hex[:8]}.{form.suffix}"


def _made(request: "Request", report: "Report", form: Format) -> "File[bytes]":
    """Return the report's file in that format, open; FileGone if there is no CSV."""
    if form.write is None:
        return opened(report.file, size=report.size)
    about = _about(request, report)
    with _place(report):
        asked = question_of(report)
        stored = Stored(
            file=opened(report.file, size=report.size),
            columns=KINDS[report.kind].columns(asked),
        )
        return _written(stored, form.write, about)


@contextmanager
def _place(report: "Report") -> Iterator[None]:
    """Hold one of this process's places for large reports; small ones need none."""
    if (report.size or 0) < _LARGE_BYTES:
        yield
        return
    if not _places.acquire(blocking=False):
        raise TooManyConversions(headers={"Retry-After": "10"})
    try:
        yield
    finally:
        _places.release()


def _written(stored: Stored, write: Writer, about: bytes) -> "File[bytes]":
    """Return a temporary file, open at its start, with the output of ``write``."""
    with ExitStack() as unfinished:
        target = unfinished.enter_context(tempfile.TemporaryFile(prefix="report-"))
        with stored.file, reading_storage():
            write(stored, about, target)
        target.seek(0)
        # From here on the caller closes it.
        unfinished.pop_all()
    return File(target)


def _about(request: "Request", report: "Report") -> bytes:
    said = ReportSerializer(report, context={"request": request}).data
    about: dict[str, Any] = {name: said[name] for name in ABOUT}
    rendered: bytes = JSONRenderer().render(about)
    return rendered
