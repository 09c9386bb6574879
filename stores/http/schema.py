"""OpenAPI descriptions of the store views, kept apart from them."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError

from api.schema import error_response, example
from reports.http.problems import NothingIngested
from stores.http.history_serializers import TimelineSerializer, UptimeSerializer
from stores.http.problems import StoreChanged
from stores.http.serializers import (
    PollSerializer,
    SettingsSerializer,
    StoreDetailSerializer,
    StoreSerializer,
)

TAG = "Stores"
_AT = "http://127.0.0.1:8000/api/v1/stores"
_STORE = {
    "store_id": "8419537941919820732",
    "url": f"{_AT}/8419537941919820732/",
    "name": "Maple Street Diner",
    "tags": ["airport", "franchise"],
    "time_zone": "America/New_York",
    "status": "active",
    "last_polled_at": "2024-03-13T18:13:22.479220Z",
}
_SETTINGS = {
    "name": "Maple Street Diner",
    "tags": ["airport", "franchise"],
    "time_zone": "America/New_York",
    "business_hours": [{"weekday": 4, "opens": "18:00:00", "closes": "02:00:00"}],
}
_DETAIL = {
    **_STORE,
    "effective_time_zone": "America/New_York",
    "time_zone_is_default": False,
    "business_hours": _SETTINGS["business_hours"],
    "openings": [
        {"opens_weekday": 4, "opens": "18:00:00", "closes_weekday": 5, "closes": "02:00:00"}
    ],
    "special_days": [
        {
            "id": 7,
            "scope": "tag:airport",
            "date": "2024-03-29",
            "opens": None,
            "closes": None,
            "reason": "Good Friday",
        }
    ],
    "recent_polls": [{"polled_at": "2024-03-13T18:13:22.479220Z", "status": "active"}],
    "links": {
        name: f"{_STORE['url']}{name}/" for name in ("polls", "uptime", "timeline", "explain")
    },
}
_HEAD = {
    "store_id": _STORE["store_id"],
    "as_of": "2024-03-13T18:13:22.479220Z",
    "max_gap_us": None,
    "time_zone": "America/New_York",
}
_STRETCH = {"from": "2024-03-13T16:00:00Z", "to": "2024-03-13T18:00:00Z"}
_SUMS = {
    "up_us": 5400000000,
    "down_us": 1800000000,
    "unknown_us": 0,
    "excluded_us": 0,
    "open_us": 7200000000,
    "closed_us": 0,
}
_UPTIME = {
    **_HEAD,
    "last_poll": {"polled_at": "2024-03-13T18:13:22.479220Z", "status": "active"},
    "windows": [
        {
            "window": None,
            **_STRETCH,
            **_SUMS,
            "uptime_percentage": "75.00",
            "coverage_percentage": "100.00",
            "longest_gap_us": 3600000000,
            "least_uptime_us": 3600000000,
            "most_uptime_us": 7200000000,
            "margin_us": 1800000000,
        }
    ],
}
_OPENING = {
    "from": "2024-03-13T13:00:00Z",
    "to": "2024-03-13T21:00:00Z",
    "rule": "business_hours",
    "business_hours": [{"weekday": 2, "opens": "09:00:00", "closes": "17:00:00"}],
    "special_days": [],
}
_TIMELINE = {
    **_HEAD,
    **_SUMS,
    "spans": [
        {
            **_STRETCH,
            "state": "up",
            "rule": "nearest_poll",
            "length_us": 7200000000,
            "poll": {"polled_at": "2024-03-13T17:05:00Z", "status": "active"},
            "opening": _OPENING,
        }
    ],
    "polls": [{"polled_at": "2024-03-13T17:05:00Z", "status": "active", "is_evidence": True}],
    **_STRETCH,
}
PATH_ID = OpenApiParameter(
    "store_id",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="Percent-encoded. An id that has a slash, begins with `~`, or is `.` or `..` is"
    " written as `~` and the base64url of its UTF-8; any other id may be, too.",
)
_IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag that was read: nothing is done if the store has changed since.",
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="`*`: nothing is done if the store exists.",
)
INVALID = error_response(ValidationError, "time_zone: 'Mars/Olympus' is not a time zone of ...")
NO_POLLS_YET = error_response(NothingIngested, "There are no polls yet.")
_CHANGED = error_response(StoreChanged)


stores_list = extend_schema(
    summary="Stores, by id",
    operation_id="stores_list",
    responses={200: StoreSerializer(many=True), **INVALID},
    examples=[example("Page", _STORE)],
)

stores_retrieve = extend_schema(
    summary="One store",
    description="The ETag covers what PUT and PATCH change, not polls.",
    operation_id="stores_retrieve",
    parameters=[PATH_ID],
    responses={200: StoreDetailSerializer},
    examples=[example("Store", _DETAIL)],
)

stores_update = extend_schema(
    summary="Replace all settings of a store, or create it",
    operation_id="stores_update",
    parameters=[PATH_ID, _IF_MATCH, _IF_NONE_MATCH],
    request=SettingsSerializer,
    responses={
        200: StoreDetailSerializer,
        201: StoreDetailSerializer,
        **INVALID,
        **_CHANGED,
    },
    examples=[
        OpenApiExample("Settings", value=_SETTINGS, request_only=True),
        example("Store", _DETAIL),
        example("Made", {**_DETAIL, "status": None, "last_polled_at": None}, 201),
    ],
)

stores_partial_update = extend_schema(
    summary="Change some settings of a store",
    description="Business hours are those of the whole week: the list replaces all existing ones.",
    operation_id="stores_partial_update",
    parameters=[PATH_ID, _IF_MATCH],
    request=SettingsSerializer(partial=True),
    responses={200: StoreDetailSerializer, **INVALID, **_CHANGED},
    examples=[
        OpenApiExample("Zone", value={"time_zone": "America/Denver"}, request_only=True),
        example("Store", _DETAIL),
    ],
)

stores_destroy = extend_schema(
    summary="Delete a store with its business hours and polls",
    description="A feed that names it later creates it again.",
    operation_id="stores_destroy",
    parameters=[PATH_ID, _IF_MATCH],
    responses={204: None, **_CHANGED},
)

store_polls = extend_schema(
    summary="The polls of a store, newest first",
    operation_id="store_polls",
    parameters=[PATH_ID],
    responses={200: PollSerializer(many=True), **INVALID},
    examples=[example("Page", _DETAIL["recent_polls"][0])],  # type: ignore[index]
)

store_uptime = extend_schema(
    summary="The numbers of a report for one store, exact",
    description="Whole microseconds. Default: the 7 days up to the newest poll.",
    operation_id="store_uptime",
    parameters=[PATH_ID],
    responses={200: UptimeSerializer, **INVALID, **NO_POLLS_YET},
    examples=[example("Two hours", _UPTIME)],
)

store_timeline = extend_schema(
    summary="Up, down, unknown, excluded or closed at every instant, and why",
    description="The spans' lengths add up to the numbers of a report over the same interval.",
    operation_id="store_timeline",
    parameters=[PATH_ID],
    responses={200: TimelineSerializer, **INVALID, **NO_POLLS_YET},
    examples=[example("Two hours", _TIMELINE)],
)
