"""What the OpenAPI schema says about the views of ingestion, beside them rather than among them."""

from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
)

from ingestion.serializers import ErrorSerializer

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
}


def error_response(status: int, code: str, message: str) -> dict[int, Any]:
    """Return the entry of an error in ``responses``."""
    example = OpenApiExample(code, value={"message": message, "code": code})
    return {status: OpenApiResponse(ErrorSerializer, description=code, examples=[example])}
