"""OpenAPI descriptions of the target views, kept apart from them."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError

from api.schema import error_response, example
from targets.http.serializers import TargetInput, TargetSerializer

TAG = "Targets"
NO_TARGET = "There is no such target."
_SAID = {
    "name": "All stores",
    "scope": "fleet",
    "percentage": 99.5,
    "windows": ["7d", "this-month"],
}
TARGET = {
    "id": 1,
    **_SAID,
    "created_at": "2024-03-13T18:00:00Z",
    "created_by": "token deploy (9f86d081884c)",
}
_FLEET = OpenApiExample("Fleet", value=_SAID, request_only=True)
_INVALID = error_response(ValidationError, "scope: There is no tag 'north'.")

targets_list = extend_schema(
    summary="Targets, newest first",
    operation_id="targets_list",
    examples=[example("Example", TARGET)],
)
targets_create = extend_schema(
    summary="Set a target",
    operation_id="targets_create",
    request=TargetInput,
    responses={201: TargetSerializer, **_INVALID},
    examples=[_FLEET, example("Example", TARGET, 201)],
)
targets_retrieve = extend_schema(
    summary="One target",
    operation_id="targets_retrieve",
    examples=[example("Example", TARGET)],
)
targets_update = extend_schema(
    summary="Change a target",
    operation_id="targets_update",
    request=TargetInput,
    responses={200: TargetSerializer, **_INVALID},
    examples=[example("Example", TARGET)],
)
targets_delete = extend_schema(summary="Delete a target", operation_id="targets_delete")
