"""OpenAPI descriptions of the exclusion views, kept apart from them."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError

from api.schema import error_response, example
from stores.exclusions.serializers import ExclusionInput, ExclusionSerializer

TAG = "Exclusions"
_AT = "http://127.0.0.1:8000/api/v1/exclusions"
_SAID = {
    "scope": "tag:airport",
    "recurrence": {
        "rule": "FREQ=WEEKLY;BYDAY=SU",
        "local_start": "2024-01-07T03:00:00",
        "duration": "1h",
        "time_zone": "America/Chicago",
    },
    "reason": "Updates of the tills",
}
_ONCE = {
    "scope": "fleet",
    "starts_at": "2024-03-13T06:00:00Z",
    "ends_at": "2024-03-13T08:30:00Z",
    "reason": "The payment platform was down",
}
_EXCLUSION = {
    "id": 1,
    "url": f"{_AT}/1/",
    "scope": "tag:airport",
    "starts_at": None,
    "ends_at": None,
    "recurrence": _SAID["recurrence"],
    "reason": "Updates of the tills",
    "created_by": "token deploy (9f86d081884c)",
    "created_at": "2024-01-05T18:00:00Z",
    "next_occurrences": [
        {"from": "2024-01-07T09:00:00Z", "to": "2024-01-07T10:00:00Z"},
        {"from": "2024-01-14T09:00:00Z", "to": "2024-01-14T10:00:00Z"},
        {"from": "2024-01-21T09:00:00Z", "to": "2024-01-21T10:00:00Z"},
    ],
}
_INVALID = error_response(
    ValidationError, "recurrence.rule: It needs a FREQ of DAILY, WEEKLY, MONTHLY, YEARLY."
)

exclusions_list = extend_schema(
    summary="Exclusions, newest first",
    operation_id="exclusions_list",
    examples=[example("Example", _EXCLUSION)],
)
exclusions_create = extend_schema(
    summary="Exclude time from both sides of the share",
    description=(
        "For one store, a tag or the whole fleet: from one instant to another, or by a recurrence."
        " It may lie in the past. Reports that exist stay as they are; new ones leave it out."
    ),
    operation_id="exclusions_create",
    request=ExclusionInput,
    responses={201: ExclusionSerializer, **_INVALID},
    examples=[
        OpenApiExample("Once", value=_ONCE, request_only=True),
        OpenApiExample("Every Sunday", value={**_SAID, "scope": "fleet"}, request_only=True),
        example("Example", _EXCLUSION, 201),
    ],
)
exclusions_retrieve = extend_schema(
    summary="One exclusion",
    operation_id="exclusions_retrieve",
    examples=[example("Example", _EXCLUSION)],
)
exclusions_update = extend_schema(
    summary="Change an exclusion, or end it early",
    description="`ends_at` in the past ends it there; what lies before stays excluded.",
    operation_id="exclusions_update",
    request=ExclusionInput,
    responses={200: ExclusionSerializer, **_INVALID},
    examples=[
        OpenApiExample("New reason", value={"reason": "New routers"}, request_only=True),
        example("Example", _EXCLUSION),
    ],
)
exclusions_destroy = extend_schema(
    summary="Delete an exclusion",
    description="Its time counts again in new reports. The audit log keeps who deleted it.",
    operation_id="exclusions_destroy",
)
