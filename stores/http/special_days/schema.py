"""OpenAPI descriptions of special days, kept apart from the views."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError

from api.schema import error_response, example
from stores.http.problems import SpecialDayConflict
from stores.http.special_days.serializers import (
    ProposalsSerializer,
    SpecialDayInput,
    SpecialDaySerializer,
    TimesInput,
)

TAG = "Special days"
_SAID = {"scope": "tag:airport", "date": "2026-12-25", "reason": "Christmas Day"}
_DAY = {
    "id": 7,
    **_SAID,
    "opens": None,
    "closes": None,
    "made_by": "token deploy (9f86d081884c)",
    "made_at": "2026-11-02T18:00:00Z",
}
_SHORT = {
    **_DAY,
    "id": 8,
    "scope": "store:8419537941919820732",
    "date": "2026-12-24",
    "opens": "09:00:00",
    "closes": "14:00:00",
    "reason": "Christmas Eve",
}
_INVALID = error_response(ValidationError, "closes: Give both times, or neither for a closed day.")
_CONFLICT = error_response(SpecialDayConflict)

special_days_list = extend_schema(
    summary="Special days, by date",
    operation_id="special_days_list",
    responses={200: SpecialDaySerializer(many=True), **_INVALID},
    examples=[example("Closed", _DAY), example("Short", _SHORT)],
)
special_days_create = extend_schema(
    summary="Add an opening of a date, or close it",
    description="Without `opens` and `closes` the date is closed. Several openings of a date are"
    " several rows. The same row again changes nothing and is answered with 200.",
    operation_id="special_days_create",
    request=SpecialDayInput,
    responses={200: SpecialDaySerializer, 201: SpecialDaySerializer, **_INVALID, **_CONFLICT},
    examples=[
        OpenApiExample("Closed", value={**_SAID, "scope": "fleet"}, request_only=True),
        example("Closed", _DAY, 201),
        example("There already", _DAY, 200),
    ],
)
special_days_retrieve = extend_schema(
    summary="One special day",
    operation_id="special_days_retrieve",
    responses={200: SpecialDaySerializer},
    examples=[example("Closed", _DAY)],
)
special_days_update = extend_schema(
    summary="Change date, times or reason of a special day",
    operation_id="special_days_update",
    request=TimesInput(partial=True),
    responses={200: SpecialDaySerializer, **_INVALID, **_CONFLICT},
    examples=[
        OpenApiExample("Reason", value={"reason": "Christmas"}, request_only=True),
        example("Short", _SHORT),
    ],
)
special_days_delete = extend_schema(
    summary="Delete a special day",
    description="The date has the days of a wider scope again, or else its weekly hours.",
    operation_id="special_days_delete",
)

proposals_list = extend_schema(
    summary="Public holidays to choose special days from",
    description="Nothing is stored: add those that your stores keep.",
    operation_id="special_days_proposals",
    responses={
        200: ProposalsSerializer,
        **error_response(ValidationError, "region: US has no region 'ZZ'; known: AK, AL, ..."),
    },
    examples=[
        example("Texas", {"proposals": [{"date": "2026-12-25", "reason": "Christmas Day"}]}),
    ],
)
