"""Requests for reports."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.errors.problems import UNUSABLE
from api.serializers import InstantField, PageQuery, StrictSerializer
from reports.http.fields import LengthField, OneOrMoreField, WindowsField
from reports.models import Columns, PollerOutages, ReportKind, Status
from reports.request.parameters import Parameters, parameters
from reports.request.selections import MOST_IDS
from reports.request.unusable import UnusableParameter
from targets.http.serializers import PercentageField


class StoresSerializer(StrictSerializer):
    """The stores of a report: those that meet every given condition."""

    ids = serializers.ListField(
        child=serializers.CharField(max_length=100, trim_whitespace=False),
        required=False,
        allow_empty=False,
        max_length=MOST_IDS,
        help_text="Each must exist.",
    )
    time_zone = serializers.CharField(
        required=False, max_length=64, help_text="The store's own time zone, not the default."
    )
    tag = serializers.CharField(required=False, max_length=50)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a selection without a condition: leave it out to get all stores."""
        if not attrs:
            raise serializers.ValidationError(
                "Give ids, time_zone or tag; leave out `stores` for all stores.",
                code=UNUSABLE,
            )
        return attrs


class CreateSerializer(StrictSerializer):
    """The body of POST /api/v1/reports/."""

    as_of = InstantField(required=False, allow_null=True, help_text="Default: the newest poll.")
    windows = WindowsField(
        required=False,
        help_text="Lengths such as 90m, 24h, 7d; today, yesterday, this-week, last-week,"
        " this-month, last-month; days, weeks and months such as 2024-03-10, 2024-W10, 2024-03."
        " Default: 1h, 24h, 7d.",
    )
    columns = serializers.ChoiceField(Columns.choices, required=False)
    max_gap = LengthField(
        required=False,
        allow_null=True,
        help_text="Time further than this from the nearest poll is unknown. Default: no limit.",
    )
    stores = StoresSerializer(required=False, allow_null=True)
    poller_outages = serializers.ChoiceField(
        PollerOutages.choices,
        required=False,
        help_text="What time in which nobody polled counts as. Default: fill.",
    )
    kind = serializers.ChoiceField(
        ReportKind.choices,
        required=False,
        help_text="What the rows are. Default: uptime, one row for each store.",
    )
    target = PercentageField(
        required=False,
        allow_null=True,
        help_text="With kind targets: this percentage for every store in the report's windows,"
        " instead of the targets that are set.",
    )
    reuse = serializers.BooleanField(
        default=False, help_text="Accept an existing equal report of the same data."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Set ``wanted`` to the canonical parameters."""
        said = {name: value for name, value in attrs.items() if name != "reuse"}
        try:
            return {"wanted": parameters(**said), "reuse": attrs["reuse"]}
        except UnusableParameter as error:
            raise refused(error) from error

    @property
    def wanted(self) -> Parameters:
        """The requested parameters."""
        found: Parameters = self.validated_data["wanted"]
        return found


def refused(error: UnusableParameter) -> serializers.ValidationError:
    """Return the error for a parameter that cannot be used."""
    return serializers.ValidationError({error.field: [str(error)]}, code=UNUSABLE)


@extend_schema_field(OpenApiTypes.STR)
class StatusesField(OneOrMoreField):
    """Statuses, separated by commas."""


_FROM, _TO = "From this instant on.", "Before this instant."


class ListQuery(PageQuery):
    """The parameters of GET /api/v1/reports/; a listed report meets all of them."""

    status = StatusesField(
        words=list(Status.values),
        required=False,
        help_text="One or more statuses, separated by commas.",
    )
    columns = serializers.ChoiceField(Columns.choices, required=False)
    kind = serializers.ChoiceField(ReportKind.choices, required=False)
    requested_by = serializers.CharField(
        required=False, max_length=150, help_text="A user, a token, or `me`."
    )
    created_from = InstantField(required=False, help_text=_FROM)
    created_to = InstantField(required=False, help_text=_TO)
    as_of_from = InstantField(required=False, help_text=_FROM)
    as_of_to = InstantField(required=False, help_text=_TO)


LOOKUPS = {
    "status": "status__in",
    "columns": "columns",
    "kind": "kind",
    "requested_by": "requested_by",
    "created_from": "created_at__gte",
    "created_to": "created_at__lt",
    "as_of_from": "as_of__gte",
    "as_of_to": "as_of__lt",
}


def conditions(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the conditions of a list for a QuerySet's ``filter``."""
    return {LOOKUPS[name]: value for name, value in query.items() if name in LOOKUPS}
