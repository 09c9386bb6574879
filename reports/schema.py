"""What the OpenAPI schema says about the views, beside them rather than among them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from api.schema import error_response
from ingestion.schema import INGESTION
from reports.serializers import (
    CreateSerializer,
    ReportSerializer,
    StatusSerializer,
    TriggeredSerializer,
)

_ID = "1c0b0ee5-8dd6-4dbb-9bb4-6a0b0b5f6f3e"
_AS_OF = "2023-01-25T18:13:22.479220Z"
_COLUMNS = (
    "store_id,uptime_last_hour(in minutes),uptime_last_day(in hours),uptime_last_week(in hours),"
    "downtime_last_hour(in minutes),downtime_last_day(in hours),downtime_last_week(in hours)"
)
_CSV = f"{_COLUMNS}\n8419537941919820732,60.00,9.52,64.85,0.00,2.48,19.15\n"
_FEED = "store_id,status,timestamp_utc\n8419537941919820732,active,2023-01-22 12:09:39.388884 UTC\n"
_FOLLOW = f"Report is being generated; follow it at /get_report?report_id={_ID}"
_READY = f"Report is ready and can be downloaded at /download_report?report_id={_ID}"
_STATUS = {
    "report_id": _ID,
    "as_of": _AS_OF,
    "progress": {"stores_done": 6000, "stores_total": 14226, "percent": 42},
}
_REPORT = {
    "id": _ID,
    "status": "Complete",
    "as_of": _AS_OF,
    "created_at": "2023-01-25T18:14:00.000000Z",
    "started_at": "2023-01-25T18:14:00.050000Z",
    "finished_at": "2023-01-25T18:14:02.500000Z",
    "attempts": 1,
    "progress": {"stores_done": 14226, "stores_total": 14226, "percent": 100},
    "error": "",
    "row_count": 14226,
    "size": 871234,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "url": f"http://127.0.0.1:8000/api/v1/reports/{_ID}/",
    "download": f"http://127.0.0.1:8000/api/v1/reports/{_ID}/download/",
}

_NEWEST = OpenApiParameter(
    "report_id", OpenApiTypes.UUID, description="The report; without it, the newest."
)
_PATH_ID = OpenApiParameter("report_id", OpenApiTypes.UUID, OpenApiParameter.PATH)
_FORMAT = OpenApiParameter(
    "format",
    enum=["json", "csv"],
    description="`csv` asks for the CSV itself, as `Accept: text/csv` does.",
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of a copy already at hand.",
)


def _example(name: str, value: Any, status: str = "200") -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


_BAD_ID = error_response(400, "invalid", "report_id: must be a UUID.")
_NO_REPORT = error_response(
    404, "not_found", "There is no report yet; POST /trigger_report makes one."
)
_NO_BROKER = error_response(503, "broker_unreachable", "The report could not be queued.")
_NO_POLLS = error_response(409, "no_polls", "There are no polls yet: ingest some first.")
_NOT_READY = error_response(409, "report_running", "The report is still running.")
_GONE = error_response(410, "file_gone", "The file is no longer in storage.")
_TOO_LARGE = error_response(
    413, "body_too_large", "The body is above the 536,870,912 bytes that are allowed."
)
_UNSUPPORTED = error_response(
    415, "unsupported_media_type", 'Unsupported media type "text/html" in request.'
)
_FILE: dict[Any, Any] = {
    (200, "text/csv"): OpenApiResponse(
        OpenApiTypes.STR, description="The report, with an ETag and its length."
    ),
    304: OpenApiResponse(description="The copy at hand is still right."),
    **_BAD_ID,
    **_NO_REPORT,
    **_NOT_READY,
    **_GONE,
}
_TRIGGER_JSON = inline_serializer(
    "TriggerText", {"file": serializers.CharField(required=False, help_text="The text of a CSV.")}
)
_TRIGGER_FORM = inline_serializer("TriggerForm", {"file": serializers.FileField(required=False)})

trigger_report = extend_schema(
    summary="Start a report, storing a file first if one is sent",
    description="Any of the three feeds, told by its header; also as .gz, .zst or .zip.",
    operation_id="trigger_report",
    tags=["Reports"],
    request={
        "application/json": _TRIGGER_JSON,
        "multipart/form-data": _TRIGGER_FORM,
        "text/csv": OpenApiTypes.STR,
        "application/gzip": OpenApiTypes.BINARY,
        "application/zstd": OpenApiTypes.BINARY,
        "application/zip": OpenApiTypes.BINARY,
        "application/octet-stream": OpenApiTypes.BINARY,
    },
    responses={
        202: TriggeredSerializer,
        **error_response(400, "unusable_file", "feed.csv: the header names no known feed."),
        **_NO_POLLS,
        **_TOO_LARGE,
        **_UNSUPPORTED,
        **_NO_BROKER,
    },
    examples=[
        OpenApiExample("No file", value={}, request_only=True, media_type="application/json"),
        OpenApiExample(
            "A file", value={"file": _FEED}, request_only=True, media_type="application/json"
        ),
        _example(
            "Accepted",
            {
                "report_id": _ID,
                "status": "Running",
                "message": _FOLLOW,
            },
            "202",
        ),
        _example(
            "Accepted, with a file",
            {
                "report_id": _ID,
                "status": "Running",
                "message": _FOLLOW,
                "ingestion": INGESTION,
            },
            "202",
        ),
    ],
)

get_report = extend_schema(
    summary="Where a report stands, or the report itself",
    operation_id="get_report",
    tags=["Reports"],
    parameters=[_NEWEST, _FORMAT],
    responses={
        (200, "application/json"): StatusSerializer,
        (200, "text/csv"): OpenApiTypes.STR,
        **_BAD_ID,
        **_NO_REPORT,
        **error_response(
            409, "report_running", "Only where CSV was asked for: it is not there yet."
        ),
        **_GONE,
    },
    examples=[
        _example(
            "Running",
            {**_STATUS, "status": "Running", "message": "The report is still running."},
        ),
        _example(
            "Complete",
            {
                **_STATUS,
                "status": "Complete",
                "message": _READY,
                "report": _CSV,
            },
        ),
        _example(
            "Failed",
            {**_STATUS, "status": "Failed", "message": "Given up after 3 attempts."},
        ),
    ],
)

download_report = extend_schema(
    summary="The report as a file",
    operation_id="download_report",
    tags=["Reports"],
    parameters=[_NEWEST, _IF_NONE_MATCH],
    responses=_FILE,
)


reports_list = extend_schema(
    summary="Reports, newest first",
    operation_id="reports_list",
    tags=["Reports (REST)"],
    examples=[_example("Page", _REPORT)],
)

reports_create = extend_schema(
    summary="Start a report as of an instant",
    operation_id="reports_create",
    tags=["Reports (REST)"],
    request=CreateSerializer,
    responses={
        202: ReportSerializer,
        **error_response(400, "invalid", "as_of: Needs an offset from UTC: 2023-01-25T18:13:22Z."),
        **_NO_POLLS,
        **_UNSUPPORTED,
        **_NO_BROKER,
    },
    examples=[
        OpenApiExample("As of an instant", value={"as_of": _AS_OF}, request_only=True),
        _example(
            "Accepted",
            {
                **_REPORT,
                "status": "Queued",
                "started_at": None,
                "finished_at": None,
                "attempts": 0,
                "progress": {"stores_done": 0, "stores_total": 0, "percent": 0},
                "row_count": None,
                "size": None,
                "sha256": "",
                "download": None,
            },
            "202",
        ),
    ],
)

reports_retrieve = extend_schema(
    summary="One report",
    operation_id="reports_retrieve",
    tags=["Reports (REST)"],
    parameters=[_PATH_ID],
    responses={200: ReportSerializer, **_BAD_ID, **_NO_REPORT},
    examples=[_example("Complete", _REPORT)],
)
