"""What the OpenAPI schema says the same way of every endpoint."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.plumbing import force_instance
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from api.details import MEDIA_TYPE, problem_details
from api.serializers import ErrorSerializer

# What any call that is not open to everybody may be answered with.
_EVERYWHERE = {
    "400": ("invalid", "Unknown parameter 'page'; known: none."),
    "401": ("not_authenticated", "Send a token: Authorization: Bearer sm_..."),
    "403": ("permission_denied", "This needs the scope admin."),
    "406": ("not_acceptable", "Could not satisfy the request Accept header."),
    "429": ("throttled", "Too many requests; ask again in 17 seconds."),
    "503": ("database_unavailable", "The database cannot be reached or is too busy. Try again."),
}
_WITH_A_PATH_PARAMETER = {"404": ("not_found", "There is nothing of this name.")}
_WITH_A_BODY = {
    "411": ("length_required", "Send the body with a Content-Length."),
    "413": ("body_too_large", "The body is above the 65,536 bytes that are allowed."),
    "415": ("unsupported_media_type", 'Unsupported media type "text/html" in request.'),
}
_WITH_VALUES = {"422": ("unusable_value", "as_of: Must lie between 1970 and 2199.")}


class StrictExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Bodies that refuse fields they do not know."""

    target_class = "api.serializers.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        """Return the schema, closed to other properties."""
        mapped = auto_schema._map_serializer(  # noqa: SLF001 - as its documentation does
            self.target, direction, bypass_extensions=True
        )
        fields = force_instance(self.target).fields  # type: ignore[no-untyped-call]
        for name, property_ in mapped.get("properties", {}).items():
            property_.update(_constraints(fields[name], property_))
        return {**mapped, "additionalProperties": False}


def _constraints(field: Any, property_: dict[str, Any]) -> dict[str, Any]:
    """Return what drf-spectacular leaves out of what a field refuses."""
    is_text = isinstance(field, serializers.CharField) and property_.get("type") == "string"
    if is_text and field.trim_whitespace and not field.allow_blank and "pattern" not in property_:
        return {"pattern": r"\S"}
    if getattr(field, "allow_empty", True) is False:
        return {"minItems": 1}
    return {}


def error_response(status: int, code: str, detail: str) -> dict[Any, Any]:
    """Return the entry of an error in ``responses``."""
    example = OpenApiExample(code, value=problem_details(status, code, detail))
    answer = OpenApiResponse(ErrorSerializer, description=code, examples=[example])
    return {(status, MEDIA_TYPE): answer}


def with_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add to each guarded call how it may be refused. A postprocessing hook of drf-spectacular."""
    for item in result["paths"].values():
        for operation in item.values():
            if operation.get("security"):
                responses = {**_refusals(operation), **operation["responses"]}
                operation["responses"] = dict(sorted(responses.items()))
    return result


def _refusals(operation: dict[str, Any]) -> dict[str, Any]:
    places = {parameter["in"] for parameter in operation.get("parameters", [])}
    has_body = "requestBody" in operation
    said = {
        **_EVERYWHERE,
        **(_WITH_A_PATH_PARAMETER if "path" in places else {}),
        **(_WITH_A_BODY if has_body else {}),
        **(_WITH_VALUES if has_body or "query" in places else {}),
    }
    return {status: _refusal(int(status), *words) for status, words in said.items()}


def _refusal(status: int, code: str, detail: str) -> dict[str, Any]:
    content = {
        "schema": {"$ref": "#/components/schemas/Error"},
        "examples": {code: {"value": problem_details(status, code, detail)}},
    }
    return {"description": code, "content": {MEDIA_TYPE: content}}
