"""Schedules and runs in requests and answers."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from rest_framework import serializers

from api.errors.problems import UNUSABLE
from api.serializers import StrictSerializer
from fleet.models import TimeZone
from reports.http.fields import LengthField, WindowsField
from reports.http.request_serializers import StoresSerializer
from reports.models import Columns, PollerOutages, ReportKind
from schedules import services
from schedules.checks import check_schedule, values_of
from schedules.models import MAX_RECIPIENTS, Schedule, ScheduledRun

SHOWN_AHEAD = 3


class ScheduleInput(StrictSerializer):
    """The editable fields of a schedule."""

    name = serializers.CharField(max_length=100)
    cadence = serializers.ChoiceField(Schedule.Cadence.choices)
    minute = serializers.IntegerField(min_value=0, max_value=59, required=False)
    hour = serializers.IntegerField(
        min_value=0, max_value=23, required=False, allow_null=True, help_text="Not for hourly."
    )
    weekday = serializers.IntegerField(
        min_value=0,
        max_value=6,
        required=False,
        allow_null=True,
        help_text="For weekly; 0 is Monday.",
    )
    day = serializers.IntegerField(
        min_value=1,
        max_value=31,
        required=False,
        allow_null=True,
        help_text="For monthly; in a shorter month, its last day.",
    )
    time_zone = serializers.PrimaryKeyRelatedField(
        queryset=TimeZone.objects.all(), required=False, help_text="Default: UTC."
    )
    windows = WindowsField(required=False, help_text="As in a report.")
    kind = serializers.ChoiceField(ReportKind.choices, required=False)
    columns = serializers.ChoiceField(Columns.choices, required=False)
    max_gap = LengthField(required=False, allow_null=True)
    stores = StoresSerializer(required=False, allow_null=True)
    poller_outages = serializers.ChoiceField(
        PollerOutages.choices,
        required=False,
        help_text="What time in which nobody polled counts as. Default: fill.",
    )
    recipients = serializers.ListField(
        child=serializers.EmailField(max_length=254), required=False, max_length=MAX_RECIPIENTS
    )
    mail_as = serializers.ChoiceField(Schedule.MailAs.choices, required=False)
    active = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check the changed values together with those that stay."""
        names = list(self.fields)
        known = values_of(self.instance or Schedule(), names) if self.instance else {}
        try:
            return check_schedule({**known, **attrs})
        except ModelError as error:
            raise serializers.ValidationError(error.message_dict, code=UNUSABLE) from error


class ScheduleSerializer(serializers.ModelSerializer[Schedule]):
    """A schedule as a resource."""

    time_zone = serializers.CharField(source="time_zone_id")
    windows = WindowsField()
    max_gap = LengthField(allow_null=True)
    stores = StoresSerializer(allow_null=True)
    recipients = serializers.ListField(child=serializers.EmailField())
    next_runs = serializers.SerializerMethodField(help_text="Empty if it is not active.")

    class Meta:
        model = Schedule
        fields = [
            "id",
            "name",
            "cadence",
            "minute",
            "hour",
            "weekday",
            "day",
            "time_zone",
            "windows",
            "kind",
            "columns",
            "max_gap",
            "stores",
            "poller_outages",
            "recipients",
            "mail_as",
            "active",
            "inactive_because",
            "created_at",
            "created_by",
            "next_runs",
        ]
        read_only_fields = fields

    def get_next_runs(self, schedule: Schedule) -> list[datetime]:
        """Return the next due instants."""
        return services.next_runs(schedule, SHOWN_AHEAD)


class RunSerializer(serializers.ModelSerializer[ScheduledRun]):
    """A run as a resource."""

    class Meta:
        model = ScheduledRun
        fields = [
            "id",
            "period",
            "due_at",
            "report",
            "status",
            "created_at",
            "ended_at",
            "mailed_at",
            "error",
        ]
        read_only_fields = fields
