"""OpenAPI descriptions of the three classic calls."""

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
from rest_framework.exceptions import NotFound

from api.schema import error_response, example
from api.transfer.downloads import FileGone
from ingestion.http.problems import UnusableUpload
from ingestion.http.queries import ReceivingQuery
from ingestion.http.schema import CSV_BODIES, INGESTION, POLLS_CSV
from reports.http.problems import ReportRunning
from reports.http.schema import AS_OF, BAD_ID, ID, NOT_STARTED
from reports.http.serializers import StatusSerializer, TriggeredSerializer

_COLUMNS = (
    "store_id,uptime_last_hour(in minutes),uptime_last_day(in hours),uptime_last_week(in hours),"
    "downtime_last_hour(in minutes),downtime_last_day(in hours),downtime_last_week(in hours)"
)
_CSV = f"{_COLUMNS}\n8419537941919820732,60.00,9.52,64.85,0.00,2.48,19.15\n"
_FOLLOW = f"Report is being generated; follow it at /get_report?report_id={ID}"
_READY = f"Report is ready and can be downloaded at /download_report?report_id={ID}"
_ACCEPTED = {"report_id": ID, "status": "Running", "message": _FOLLOW}
_STATUS = {
    "report_id": ID,
    "as_of": AS_OF,
    "progress": {"stores_done": 6000, "stores_total": 14226, "percent": 42},
}

_NEWEST = OpenApiParameter(
    "report_id", OpenApiTypes.UUID, description="The report; without it, the newest."
)
_FORMAT = OpenApiParameter(
    "format",
    enum=["json", "csv"],
    description="`csv` for the CSV itself, like `Accept: text/csv`.",
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of the client's copy.",
)

NO_REPORT_YET = "There is no report yet. Start one with POST /trigger_report."
_NO_REPORT = error_response(NotFound, NO_REPORT_YET)
_GONE = error_response(FileGone)
_FILE: dict[Any, Any] = {
    (200, "text/csv"): OpenApiResponse(
        OpenApiTypes.STR, description="The report, with an ETag and its length."
    ),
    304: OpenApiResponse(description="The client's copy is up to date."),
    **BAD_ID,
    **_NO_REPORT,
    **error_response(ReportRunning),
    **_GONE,
}
_TRIGGER_JSON = inline_serializer(
    "TriggerText", {"file": serializers.CharField(required=False, help_text="The text of a CSV.")}
)
_TRIGGER_FORM = inline_serializer("TriggerForm", {"file": serializers.FileField(required=False)})

trigger_report = extend_schema(
    summary="Start a report, storing a file first if one is sent",
    description="Any of the five feeds, as its header says; also as .gz, .zst or .zip.",
    operation_id="trigger_report",
    parameters=[ReceivingQuery],
    request={
        "application/json": _TRIGGER_JSON,
        "multipart/form-data": _TRIGGER_FORM,
        **CSV_BODIES,
    },
    responses={
        202: TriggeredSerializer,
        **error_response(UnusableUpload, "feed.csv: the header matches no known feed."),
        **NOT_STARTED,
    },
    examples=[
        OpenApiExample("No file", value={}, request_only=True, media_type="application/json"),
        OpenApiExample(
            "A file", value={"file": POLLS_CSV}, request_only=True, media_type="application/json"
        ),
        example("Accepted", _ACCEPTED, 202),
        example("Accepted, with a file", {**_ACCEPTED, "ingestion": INGESTION}, 202),
    ],
)

get_report = extend_schema(
    summary="The status of a report, or the report itself",
    operation_id="get_report",
    parameters=[_NEWEST, _FORMAT],
    responses={
        (200, "application/json"): StatusSerializer,
        (200, "text/csv"): OpenApiTypes.STR,
        **BAD_ID,
        **_NO_REPORT,
        **error_response(ReportRunning, "Only if CSV was asked for: there is none yet."),
        **_GONE,
    },
    examples=[
        example(
            "Running",
            {**_STATUS, "status": "Running", "message": "The report is still running."},
        ),
        example(
            "Complete",
            {
                **_STATUS,
                "status": "Complete",
                "message": _READY,
                "report": _CSV,
            },
        ),
        example(
            "Failed",
            {
                **_STATUS,
                "status": "Failed",
                "message": "Gave up after 3 attempts: the disk is full.",
            },
        ),
    ],
)

download_report = extend_schema(
    summary="The report as a file",
    operation_id="download_report",
    parameters=[_NEWEST, _IF_NONE_MATCH],
    responses=_FILE,
)
