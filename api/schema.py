"""Parts of the OpenAPI schema that all endpoints share."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, force_instance
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import APIException

from api.errors.details import MEDIA_TYPE, problem_details
from api.serializers import ErrorSerializer

# Errors of any call that needs a scope.
_EVERYWHERE = {
    "400": ("invalid", "Unknown parameter 'page'; known: none."),
    "401": ("not_authenticated", "Send a token: Authorization: Bearer sm_..."),
    "403": ("permission_denied", "This needs the scope admin."),
    "406": ("not_acceptable", "Could not satisfy the request Accept header."),
    "429": ("throttled", "Too many requests; try again in 17 s."),
    "503": ("database_unavailable", "The database cannot be reached or is too busy. Try again."),
}
_WITH_VALUES = {"422": ("unusable_value", "as_of: Must lie between 1970 and 2199.")}


class Schema(AutoSchema):
    """Derives the tag, the query parameters and the errors of a call from ``api.views.Endpoints``.

    ``extend_schema`` takes precedence over what is derived.
    """

    def get_tags(self) -> list[str]:
        """Return the view's tag."""
        tag = getattr(self.view, "tag", "")
        return [tag] if tag else super().get_tags()

    def get_override_parameters(self) -> list[Any]:
        """Return the query parameters that the view validates."""
        queries = getattr(self.view, "queries", {})
        action = getattr(self.view, "action", None)
        return [queries[action]] if action in queries else []

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any] | None:
        """Return the operation; one that needs a scope also has all its errors."""
        operation: dict[str, Any] | None = super().get_operation(
            path, path_regex, path_prefix, method, registry
        )
        if operation and operation.get("security"):
            responses = {**self._refusals(operation), **operation["responses"]}
            operation["responses"] = dict(sorted(responses.items()))
        return operation

    def _refusals(self, operation: dict[str, Any]) -> dict[str, Any]:
        view: Any = self.view
        places = {parameter["in"] for parameter in operation.get("parameters", [])}
        has_body = "requestBody" in operation
        said = {
            **_EVERYWHERE,
            **({"404": ("not_found", view.missing)} if "path" in places else {}),
            **(_refusals_of_bodies(view) if has_body else {}),
            **(_WITH_VALUES if has_body or "query" in places else {}),
        }
        return {status: self._refusal(int(status), *words) for status, words in said.items()}

    def _refusal(self, status: int, code: str, detail: str) -> dict[str, Any]:
        content = {
            "schema": self.resolve_serializer(ErrorSerializer, "response").ref,
            "examples": {code: {"value": problem_details(status, code, detail)}},
        }
        return {"description": code, "content": {MEDIA_TYPE: content}}


def _refusals_of_bodies(view: Any) -> dict[str, tuple[str, str]]:
    limit = settings.MAX_UPLOAD_BYTES if view.takes_files else view.body_limit()
    return {
        "411": ("length_required", "Send the body with a Content-Length."),
        "413": ("body_too_large", f"The body is larger than the {limit:,} bytes allowed."),
        "415": ("unsupported_media_type", 'Unsupported media type "text/html" in request.'),
    }


class StrictExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Bodies that refuse unknown fields."""

    target_class = "api.serializers.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        """Return the schema without additional properties."""
        mapped = auto_schema._map_serializer(  # noqa: SLF001 - as its documentation does
            self.target, direction, bypass_extensions=True
        )
        fields = force_instance(self.target).fields  # type: ignore[no-untyped-call]
        for name, property_ in mapped.get("properties", {}).items():
            property_.update(_constraints(fields[name], property_))
        return {**mapped, "additionalProperties": False}


def _constraints(field: Any, property_: dict[str, Any]) -> dict[str, Any]:
    """Return constraints of a field that drf-spectacular leaves out."""
    is_text = isinstance(field, serializers.CharField) and property_.get("type") == "string"
    if is_text and field.trim_whitespace and not field.allow_blank and "pattern" not in property_:
        return {"pattern": r"\S"}
    if getattr(field, "allow_empty", True) is False:
        return {"minItems": 1}
    return {}


def error_response(error: type[APIException], detail: str = "") -> dict[Any, Any]:
    """Return the entry of an error in ``responses``, by default with its default text."""
    status, code = error.status_code, error.default_code
    value = problem_details(status, code, detail or str(error.default_detail))
    example = OpenApiExample(code, value=value)
    answer = OpenApiResponse(ErrorSerializer, description=code, examples=[example])
    return {(status, MEDIA_TYPE): answer}


def example(name: str, value: Any, status: int = 200) -> OpenApiExample:
    """Return an example of an answer."""
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status)])
