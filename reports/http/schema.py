"""OpenAPI descriptions of reports as a resource."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError

from api.errors.problems import BrokerUnreachable
from api.schema import error_response, example
from reports.http.problems import (
    IdempotencyKeyReused,
    NothingIngested,
    ReportEnded,
    ReportRunning,
    TooManyReports,
)
from reports.http.request_serializers import CreateSerializer
from reports.http.serializers import CreatedSerializer, ReportSerializer
from reports.http.stamp import STAMP, StampedSerializer
from reports.models import Status

ID = "1c0b0ee5-8dd6-4dbb-9bb4-6a0b0b5f6f3e"
AS_OF = "2023-01-25T18:13:22.479220Z"
_REPORT = {
    "id": ID,
    "status": "Complete",
    "as_of": AS_OF,
    "windows": ["1h", "24h", "7d"],
    "columns": "classic",
    "max_gap": None,
    "stores": None,
    "poller_outages": "fill",
    "kind": "uptime",
    "targets": None,
    "nobody_polled": {
        "outages": [
            {
                "from": "2023-01-19T20:12:23.308082Z",
                "to": "2023-01-20T05:25:33.887900Z",
                "scope": "fleet",
                "stores": 14091,
            }
        ],
        "windows": [
            {"window": "1h", "open_us": 34200000000000, "in_outages_us": 0},
            {"window": "24h", "open_us": 645120000000000, "in_outages_us": 0},
            {"window": "7d", "open_us": 4515840000000000, "in_outages_us": 252302890000000},
        ],
    },
    "excluded": {
        "count": 1,
        "exclusions": [
            {"id": 7, "scope": "tag:airport", "reason": "New routers", "created_by": "ada"}
        ],
        "windows": [
            {"window": "1h", "open_us": 34200000000000, "excluded_us": 0},
            {"window": "24h", "open_us": 645120000000000, "excluded_us": 0},
            {"window": "7d", "open_us": 4515840000000000, "excluded_us": 36000000000},
        ],
    },
    "created_at": "2023-01-25T18:14:00.000000Z",
    "started_at": "2023-01-25T18:14:00.050000Z",
    "finished_at": "2023-01-25T18:14:02.500000Z",
    "attempts": 1,
    "progress": {"stores_done": 14226, "stores_total": 14226, "percent": 100},
    "error": "",
    "row_count": 14226,
    "size": 871234,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "url": f"http://127.0.0.1:8000/api/v1/reports/{ID}/",
    "download": f"http://127.0.0.1:8000/api/v1/reports/{ID}/download/",
}

_QUEUED = {
    **_REPORT,
    "status": "Queued",
    "started_at": None,
    "finished_at": None,
    "attempts": 0,
    "progress": {"stores_done": 0, "stores_total": 0, "percent": 0},
    "nobody_polled": None,
    "excluded": None,
    "row_count": None,
    "size": None,
    "sha256": "",
    "download": None,
}
_WANTED = {
    "as_of": AS_OF,
    "windows": ["24h", "30d", "last-month"],
    "columns": "full",
    "max_gap": "3h",
    "stores": {"time_zone": "America/New_York", "tag": "airport"},
    "poller_outages": "unknown",
    "reuse": True,
}
TAG = "Reports (REST)"
PATH_ID = OpenApiParameter("report_id", OpenApiTypes.UUID, OpenApiParameter.PATH)
_STATUS = OpenApiParameter(
    "status",
    {"type": "array", "items": {"type": "string", "enum": list(Status.values)}, "minItems": 1},
    explode=False,
    style="form",
    description="Any of these, separated by commas.",
)
_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description="Sent again with the same request, it returns the first one's report.",
)
_REPLAYED = OpenApiParameter(
    "Idempotency-Replayed",
    {"type": "string", "enum": ["true"]},
    OpenApiParameter.HEADER,
    response=[200, 202],
    description="Present if the same request was sent before with the same key.",
)


BAD_ID = error_response(ValidationError, "report_id: must be a UUID.")
# Errors of both ways to start a report.
NOT_STARTED = {
    **error_response(NothingIngested, "There are no polls yet: ingest some first."),
    **error_response(
        TooManyReports, "100 of your reports are queued or running, which is the limit."
    ),
    **error_response(BrokerUnreachable, "The report could not be queued."),
}

reports_list = extend_schema(
    summary="Reports, newest first",
    operation_id="reports_list",
    parameters=[_STATUS],
    responses={
        200: ReportSerializer(many=True),
        **error_response(ValidationError, "status: 'Done' is not one of: Queued, Running."),
    },
    examples=[example("Page", _REPORT)],
)

reports_create = extend_schema(
    summary="Start a report of these stores and windows, as of an instant",
    operation_id="reports_create",
    parameters=[_KEY, _REPLAYED],
    request=CreateSerializer,
    responses={
        200: CreatedSerializer,
        202: CreatedSerializer,
        **error_response(ValidationError, "as_of: Needs an offset from UTC: 2023-01-25T18:13:22Z."),
        **error_response(IdempotencyKeyReused, "The key was used with another request."),
        **NOT_STARTED,
    },
    examples=[
        OpenApiExample("As of an instant", value={"as_of": AS_OF}, request_only=True),
        OpenApiExample("All fields", value=_WANTED, request_only=True),
        example("Accepted", {**_QUEUED, "reused": False}, 202),
        example("An existing report", {**_REPORT, "reused": True}),
    ],
)

reports_retrieve = extend_schema(
    summary="One report",
    operation_id="reports_retrieve",
    parameters=[PATH_ID],
    responses={200: StampedSerializer, **BAD_ID},
    examples=[example("Complete", {**_REPORT, "stamp": STAMP})],
)

reports_cancel = extend_schema(
    summary="Cancel a report that is queued or running",
    description="Your own, or with the scope `admin` any. Repeating it does no harm.",
    operation_id="reports_cancel",
    parameters=[PATH_ID],
    request=None,
    responses={
        200: ReportSerializer,
        **BAD_ID,
        **error_response(ReportEnded, "The report is Complete."),
    },
    examples=[example("Cancelled", {**_QUEUED, "status": "Cancelled"})],
)

reports_destroy = extend_schema(
    summary="Delete a report that has ended, and its file",
    description="Your own, or with the scope `admin` any.",
    operation_id="reports_destroy",
    parameters=[PATH_ID],
    responses={
        204: None,
        **BAD_ID,
        **error_response(ReportRunning, "The report has not ended."),
    },
)
