"""OpenAPI descriptions of report files, and of progress events."""

import json
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from api.errors.problems import RangeNotSatisfiable, StorageUnavailable
from api.schema import error_response
from api.transfer.downloads import FileGone
from reports.exports.formats import FORMATS
from reports.http.problems import ReportRunning, TooManyListeners, TooManyRows
from reports.http.schema import AS_OF, BAD_ID, ID, PATH_ID

_SUFFIX = OpenApiParameter(
    "suffix", enum=list(FORMATS), location=OpenApiParameter.PATH, description="The format."
)
_FORMAT = OpenApiParameter("format", enum=list(FORMATS), description="The format, like `Accept`.")


def _header(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(
        name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=description
    )


_HEADERS = [
    _header("If-None-Match", "The ETag of the client's copy."),
    _header("Range", "One range of bytes, such as `bytes=1000-`."),
    _header("If-Range", "The ETag of the copy that the range continues."),
    _header("Accept-Encoding", "`zstd` or `gzip`, for CSV, JSON and NDJSON."),
]
_DESCRIPTION = (
    "All formats have the same content. In CSV, an id that a spreadsheet would run as a formula has"
    " an apostrophe before it; the other formats have the original ids."
)


def _media_type(suffix: str) -> str:
    return FORMATS[suffix].media_type.partition(";")[0]


_ROW = {
    "store_id": "8419537941919820732",
    "uptime_last_hour(in minutes)": 60.0,
    "uptime_last_day(in hours)": 9.52,
    "uptime_last_week(in hours)": 64.85,
    "downtime_last_hour(in minutes)": 0.0,
    "downtime_last_day(in hours)": 2.48,
    "downtime_last_week(in hours)": 19.15,
}
_ABOUT = {
    "id": ID,
    "as_of": AS_OF,
    "windows": ["1h", "24h", "7d"],
    "columns": "classic",
    "row_count": 1,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
_EXAMPLES: dict[str, Any] = {
    "json": {"report": _ABOUT, "rows": [_ROW]},
    "ndjson": f"{json.dumps(_ROW)}\n",
}


def _content(suffix: str) -> OpenApiResponse:
    schema: Any = OpenApiTypes.STR if FORMATS[suffix].packable else OpenApiTypes.BINARY
    examples = [
        OpenApiExample("A report of one store", value=value, response_only=True)
        for name, value in _EXAMPLES.items()
        if name == suffix
    ]
    return OpenApiResponse(
        OpenApiTypes.OBJECT if suffix == "json" else schema,
        "The report, with its ETag and its length.",
        examples,
    )


_RESPONSES: dict[Any, Any] = {
    **{(200, _media_type(suffix)): _content(suffix) for suffix in FORMATS},
    206: OpenApiResponse(description="The requested range of bytes."),
    304: OpenApiResponse(description="The client's copy is up to date."),
    **BAD_ID,
    **error_response(TooManyRows, "The report has more rows than .xlsx can hold."),
    **error_response(ReportRunning),
    **error_response(FileGone),
    **error_response(RangeNotSatisfiable),
    **error_response(StorageUnavailable),
}

reports_download = extend_schema(
    summary="The report as a file, in any format",
    description=_DESCRIPTION,
    operation_id="reports_download",
    parameters=[PATH_ID, _FORMAT, *_HEADERS],
    responses=_RESPONSES,
)

reports_download_as = extend_schema(
    summary="The report as a file, with the format in the URL",
    description=_DESCRIPTION,
    operation_id="reports_download_as",
    parameters=[PATH_ID, _SUFFIX, OpenApiParameter("format", exclude=True), *_HEADERS],
    responses=_RESPONSES,
)

# In OpenAPI 3.1 the schema of a stream is that of each event.
_EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "event": {
            "type": "string",
            "enum": ["progress", "complete", "failed", "cancelled", "deleted"],
        },
        "id": {"type": "string"},
        "data": {"type": "string", "contentMediaType": "application/json"},
        "retry": {
            "type": "integer",
            "description": "Milliseconds to wait before reconnecting.",
        },
    },
}
_PROGRESS = {
    "event": "progress",
    "id": "1-6000-14226-Running",
    "data": '{"id":"1c0b0ee5-8dd6-4dbb-9bb4-6a0b0b5f6f3e","status":"Running"}',
}

reports_events = extend_schema(
    summary="The progress of a report, as server-sent events",
    description=(
        "Events `progress` while the report is queued or running, and one at its end: `complete`,"
        " `failed`, `cancelled` or `deleted`. The data is a part of the report as a resource."
        " After some minutes the stream ends; reconnect with `Last-Event-ID`."
    ),
    operation_id="reports_events",
    parameters=[PATH_ID, _header("Last-Event-ID", "The id of the last event received.")],
    responses={
        (200, "text/event-stream"): OpenApiResponse(
            _EVENT,
            "Events.",
            [OpenApiExample("Progress", value=_PROGRESS, response_only=True)],
        ),
        204: OpenApiResponse(description="The report has ended, and its last event was received."),
        **BAD_ID,
        **error_response(TooManyListeners),
    },
)
