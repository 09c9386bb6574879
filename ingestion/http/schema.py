"""OpenAPI descriptions of the ingestion views, kept apart from them."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from api.errors.problems import BrokerUnreachable
from api.schema import error_response, example
from ingestion.http.problems import UnusableUpload
from ingestion.http.serializers import (
    FilesSerializer,
    IngestionsSerializer,
    IngestionStateSerializer,
    PollsSerializer,
)

INGESTION = {
    "id": 7,
    "feed": "status",
    "rows_read": 1000,
    "rows_new": 990,
    "rows_changed": 0,
    "rows_repeated": 7,
    "rows_superseded": 0,
    "rows_removed": 0,
    "rows_rejected": 3,
    "rejects": "http://127.0.0.1:8000/api/v1/ingestions/7/rejects/",
    "sample_stores_removed": 0,
}


_STORED = {
    **INGESTION,
    "url": "http://127.0.0.1:8000/api/v1/ingestions/7/",
    "name": "request body",
    "status": "Complete",
    "started_at": "2023-01-25T18:14:00.000000Z",
    "finished_at": "2023-01-25T18:14:00.050000Z",
    "attempts": 1,
    "progress": {"phase": "stored", "done": 1000, "total": 1000, "percent": 100},
    "error": "",
    "size": 65432,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
_WAITING = {
    **_STORED,
    **dict.fromkeys([name for name in INGESTION if name.startswith("rows_")], 0),
    "status": "Queued",
    "started_at": None,
    "finished_at": None,
    "attempts": 0,
    "progress": {"phase": "waiting", "done": 0, "total": 123456789, "percent": 0},
    "size": 123456789,
    "sha256": "",
    "rejects": None,
}
POLLS_CSV = (
    "store_id,status,timestamp_utc\n8419537941919820732,active,2023-01-22 12:09:39.388884 UTC\n"
)
_NDJSON = (
    '{"store_id": 8419537941919820732, "status": "active",'
    ' "timestamp_utc": "2023-01-22 12:09:39.388884 UTC"}\n'
)
_PATH_ID = OpenApiParameter("ingestion_id", OpenApiTypes.INT, OpenApiParameter.PATH)
_PREFER = OpenApiParameter(
    "Prefer",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="`respond-async` leaves the polls to a worker, however few.",
)
_FORM = inline_serializer("PollsForm", {"file": serializers.FileField()})

CSV_BODIES = {
    "text/csv": OpenApiTypes.STR,
    "application/gzip": OpenApiTypes.BINARY,
    "application/zstd": OpenApiTypes.BINARY,
    "application/zip": OpenApiTypes.BINARY,
    "application/octet-stream": OpenApiTypes.BINARY,
}
_BODIES = {**CSV_BODIES, "application/x-ndjson": OpenApiTypes.STR}
_REFUSED = {
    **error_response(UnusableUpload, "request body: the header matches no known feed."),
    **error_response(BrokerUnreachable, "The polls could not be queued."),
}

polls_create = extend_schema(
    summary="Store polls",
    description="CSV or NDJSON, also as .gz, .zst or .zip. Up to SYNC_INGEST_MAX_BYTES they are"
    " stored at once (200); larger bodies are kept for a worker (202). Sending the same polls"
    " again changes nothing.",
    operation_id="polls_create",
    parameters=[_PREFER],
    request={**_BODIES, "multipart/form-data": _FORM},
    responses={200: PollsSerializer, 202: PollsSerializer, **_REFUSED},
    examples=[
        OpenApiExample("CSV", value=POLLS_CSV, request_only=True, media_type="text/csv"),
        OpenApiExample(
            "NDJSON", value=_NDJSON, request_only=True, media_type="application/x-ndjson"
        ),
        example("Stored", {"message": "990 new polls.", "ingestion": _STORED}),
        example(
            "Kept for a worker",
            {"message": "Follow it at /api/v1/ingestions/7/", "ingestion": _WAITING},
            202,
        ),
    ],
)

_STORES_CSV = "store_id,name,tags\n8419537941919820732,Maple Street Diner,airport;franchise\n"

ingestions_create = extend_schema(
    summary="Store files of any feeds",
    description="A body that is one file, or a form with any number of them, plain or compressed."
    " Files in the fields `stores`, `timezones`, `hours`, `special_days` and `status` must be that"
    " feed; for those in `file` the header decides. Each is stored whole or not at all. Together up"
    " to SYNC_INGEST_MAX_BYTES they are stored at once (200), else kept for a worker (202).",
    operation_id="ingestions_create",
    parameters=[_PREFER],
    request={**_BODIES, "multipart/form-data": FilesSerializer},
    responses={200: IngestionsSerializer, 202: IngestionsSerializer, **_REFUSED},
    examples=[
        OpenApiExample("CSV", value=_STORES_CSV, request_only=True, media_type="text/csv"),
        example("Stored", {"message": "Stored: 1 of 1 files.", "ingestions": [_STORED]}),
        example(
            "Kept for a worker",
            {"message": "Waiting for a worker: 1 files.", "ingestions": [_WAITING]},
            202,
        ),
    ],
)

ingestions_list = extend_schema(
    summary="Ingestions, newest first",
    operation_id="ingestions_list",
    responses={
        200: IngestionStateSerializer(many=True),
        **error_response(ValidationError, 'feed: "names" is not a valid choice.'),
    },
    examples=[example("Page", _STORED)],
)

ingestions_retrieve = extend_schema(
    summary="One ingestion and its progress",
    operation_id="ingestions_retrieve",
    parameters=[_PATH_ID],
    responses={200: IngestionStateSerializer},
    examples=[example("Complete", _STORED)],
)

ingestion_rejects = extend_schema(
    summary="The rejected rows of an ingested file",
    description="CSV with the columns file, line, field, value and reason.",
    operation_id="ingestion_rejects",
    parameters=[_PATH_ID],
    responses={(200, "text/csv"): OpenApiTypes.STR},
)
