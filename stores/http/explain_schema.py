"""The OpenAPI description of explanations."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)

from stores.http.explain_serializers import ExplanationSerializer
from stores.http.schema import INVALID, NO_POLLS_YET, PATH_ID, TAG

__all__ = ["TAG", "store_explain"]

_FORMAT = OpenApiParameter(
    "format", enum=["json", "txt"], description="The format, like `Accept`: JSON or plain text."
)
_SUMS = {
    "up_us": 6270000000,
    "down_us": 4530000000,
    "unknown_us": 0,
    "excluded_us": 0,
    "open_us": 10800000000,
}
_ACTIVE = {"polled_at": "2023-01-24T16:14:00Z", "status": "active"}
_INACTIVE = {"polled_at": "2023-01-24T17:15:00Z", "status": "inactive"}
_OPENING = {
    "date": "2023-01-24",
    "from": "2023-01-24T15:00:00Z",
    "to": "2023-01-24T18:00:00Z",
    "opens": "2023-01-24T15:00:00Z",
    "closes": "2023-01-24T18:00:00Z",
    "reason": "business_hours",
    "rule": 3,
    "business_hours": [
        {
            "date": "2023-01-24",
            "weekday": 1,
            "opens": "09:00:00",
            "closes": "12:00:00",
            "from": "2023-01-24T15:00:00Z",
            "to": "2023-01-24T18:00:00Z",
            "notes": [],
        }
    ],
    "special_days": [],
    "spans": [
        {
            "from": "2023-01-24T15:00:00Z",
            "to": "2023-01-24T16:44:30Z",
            "state": "up",
            "reason": "nearest_poll",
            "rule": 7,
            "length_us": 6270000000,
            "poll": _ACTIVE,
        },
        {
            "from": "2023-01-24T16:44:30Z",
            "to": "2023-01-24T18:00:00Z",
            "state": "down",
            "reason": "nearest_poll",
            "rule": 7,
            "length_us": 4530000000,
            "poll": _INACTIVE,
        },
    ],
    "midpoints": [{"at": "2023-01-24T16:44:30Z", "before": _ACTIVE, "after": _INACTIVE}],
    **_SUMS,
}
_EXPLANATION: dict[str, Any] = {
    "store_id": "8419537941919820732",
    "as_of": "2023-01-24T18:00:00Z",
    "time_zone": "America/Chicago",
    "time_zone_is_default": False,
    "look_back_us": 86400000000,
    "max_gap_us": None,
    "polls_count_from": "2023-01-16T18:00:00Z",
    "window": "24h",
    "from": "2023-01-23T18:00:00Z",
    "to": "2023-01-24T18:00:00Z",
    **_SUMS,
    "closed_us": 75600000000,
    "uptime_percentage": "58.05",
    "printed": {
        "uptime_last_day(in hours)": "1.74",
        "downtime_last_day(in hours)": "1.26",
        "unknown_last_day(in hours)": "0.00",
        "excluded_last_day(in hours)": "0.00",
        "open_last_day(in hours)": "3.00",
    },
    "closed_special_days": [],
    "openings": [_OPENING],
    "polls": [
        {**_ACTIVE, "counts": True, "use": "decides", "rule": 7},
        {**_INACTIVE, "counts": True, "use": "decides", "rule": 7},
    ],
}
_TEXT = """  Tuesday 24 January 2023
    business hours: Tuesday 09:00:00-12:00:00 of Tue 24 Jan 2023 (rule 3)
  local time      UTC
  09:00:00        15:00:00        opens
  09:00:00        15:00:00        up 1:44:30, nearest poll 10:14:00, rule 7
"""

store_explain = extend_schema(
    summary="Why a store's numbers are what they are",
    description=(
        "For each opening the business hours that made it, the spans with state and rule, and the"
        " sums; all polls with what became of them; the totals before and after rounding. They add"
        " up to the report with the same windows, to the microsecond."
    ),
    operation_id="store_explain",
    parameters=[PATH_ID, _FORMAT],
    responses={
        (200, "application/json"): OpenApiResponse(
            ExplanationSerializer,
            "The explanation of one window.",
            [OpenApiExample("One morning", value=_EXPLANATION, response_only=True)],
        ),
        (200, "text/plain"): OpenApiResponse(
            OpenApiTypes.STR,
            "The same for people, at most 100 columns wide.",
            [OpenApiExample("A part of it", value=_TEXT, response_only=True)],
        ),
        **INVALID,
        **NO_POLLS_YET,
    },
)
