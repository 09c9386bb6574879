"""What the OpenAPI schema says the same way of every endpoint."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from api.details import MEDIA_TYPE, problem_details
from api.serializers import ErrorSerializer

# What any call that is not open to everybody may be answered with.
_EVERYWHERE = {
    "401": ("not_authenticated", "Send a token: Authorization: Bearer sm_..."),
    "403": ("permission_denied", "This needs the scope admin."),
    "429": ("throttled", "Too many requests; ask again in 17 seconds."),
}


def error_response(status: int, code: str, detail: str) -> dict[Any, Any]:
    """Return the entry of an error in ``responses``."""
    example = OpenApiExample(code, value=problem_details(status, code, detail))
    answer = OpenApiResponse(ErrorSerializer, description=code, examples=[example])
    return {(status, MEDIA_TYPE): answer}


def with_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add to each guarded call that it may be refused. A postprocessing hook of drf-spectacular."""
    for item in result["paths"].values():
        for operation in item.values():
            if operation.get("security"):
                operation["responses"] = {**_refusals(), **operation["responses"]}
    return result


def _refusals() -> dict[str, Any]:
    return {status: _refusal(int(status), *said) for status, said in _EVERYWHERE.items()}


def _refusal(status: int, code: str, detail: str) -> dict[str, Any]:
    content = {
        "schema": {"$ref": "#/components/schemas/Error"},
        "examples": {code: {"value": problem_details(status, code, detail)}},
    }
    return {"description": code, "content": {MEDIA_TYPE: content}}
