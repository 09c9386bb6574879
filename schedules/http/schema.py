"""OpenAPI descriptions of the schedule views, kept apart from them."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError

from api.schema import error_response, example
from schedules.http.serializers import ScheduleInput, ScheduleSerializer

_SAID = {
    "name": "Monday morning",
    "cadence": "weekly",
    "weekday": 0,
    "hour": 6,
    "minute": 30,
    "time_zone": "America/New_York",
    "windows": ["last-week"],
    "columns": "full",
}
_SCHEDULE = {
    "id": 1,
    **_SAID,
    "day": None,
    "kind": "uptime",
    "max_gap": None,
    "stores": None,
    "poller_outages": "fill",
    "recipients": ["operations@example.com"],
    "mail_as": "link",
    "active": True,
    "inactive_because": "",
    "created_at": "2024-03-13T18:00:00Z",
    "created_by": "token deploy (9f86d081884c)",
    "next_runs": ["2024-03-18T10:30:00Z", "2024-03-25T10:30:00Z", "2024-04-01T10:30:00Z"],
}
_RUN = {
    "id": "5b1c2a0e-3d4f-4a5b-8c6d-7e8f9a0b1c2d",
    "period": "2024-W12",
    "due_at": "2024-03-18T10:30:00Z",
    "report": "1c0b0ee5-8dd6-4dbb-9bb4-6a0b0b5f6f3e",
    "status": "Done",
    "created_at": "2024-03-18T10:30:04Z",
    "ended_at": "2024-03-18T10:30:09Z",
    "mailed_at": "2024-03-18T10:30:09Z",
    "error": "",
}


_WEEKLY = OpenApiExample("Weekly", value=_SAID, request_only=True)
_INVALID = error_response(
    ValidationError, "hour: Must be from 0 to 23 in a schedule that is daily."
)

schedules_list = extend_schema(
    summary="Schedules, newest first",
    operation_id="schedules_list",
    examples=[example("Example", _SCHEDULE)],
)
schedules_create = extend_schema(
    summary="Schedule reports",
    operation_id="schedules_create",
    request=ScheduleInput,
    responses={201: ScheduleSerializer, **_INVALID},
    examples=[_WEEKLY, example("Example", _SCHEDULE, 201)],
)
schedules_retrieve = extend_schema(
    summary="One schedule",
    operation_id="schedules_retrieve",
    examples=[example("Example", _SCHEDULE)],
)
schedules_update = extend_schema(
    summary="Change a schedule",
    operation_id="schedules_update",
    request=ScheduleInput,
    responses={200: ScheduleSerializer, **_INVALID},
    examples=[example("Example", _SCHEDULE)],
)
schedules_delete = extend_schema(
    summary="Delete a schedule with its runs",
    description="The reports stay.",
    operation_id="schedules_delete",
)
runs_list = extend_schema(
    summary="The runs of a schedule, newest first",
    operation_id="schedule_runs_list",
    examples=[example("Example", _RUN)],
)
