"""How numbers and timelines of one store are told. Times are whole microseconds, exact."""

from typing import Any

from rest_framework import serializers

from stores.http.serializers import BusinessHoursSerializer

_STATUSES = ["active", "inactive"]


class PollSeenSerializer(serializers.Serializer[Any]):
    """A poll that something was concluded from."""

    polled_at = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=_STATUSES)


class HistorySerializer(serializers.Serializer[Any]):
    """What numbers and timelines begin with."""

    store_id = serializers.CharField()
    as_of = serializers.DateTimeField(help_text="Later polls do not exist for this answer.")
    max_gap_us = serializers.IntegerField(allow_null=True)
    time_zone = serializers.CharField(help_text="The zone that its hours were read in.")


class WindowUptimeSerializer(serializers.Serializer[Any]):
    """The numbers of one window: `up + down + unknown = open` and `open + closed = to - from`."""

    window = serializers.CharField(allow_null=True, help_text="As asked for; null for from and to.")
    up_us = serializers.IntegerField()
    down_us = serializers.IntegerField()
    unknown_us = serializers.IntegerField()
    open_us = serializers.IntegerField()
    closed_us = serializers.IntegerField()
    uptime_percentage = serializers.CharField(help_text="Two decimals, rounded down, or n/a.")
    coverage_percentage = serializers.CharField(help_text="Of open time near a poll, or n/a.")
    longest_gap_us = serializers.IntegerField()
    least_uptime_us = serializers.IntegerField()
    most_uptime_us = serializers.IntegerField()
    margin_us = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with ``from``, a word that Python keeps for itself."""
        fields = super().get_fields()
        instants = {name: serializers.DateTimeField() for name in ("from", "to")}
        return {"window": fields.pop("window"), **instants, **fields}


class UptimeSerializer(HistorySerializer):
    """The numbers of a report for one store, exact."""

    last_poll = PollSeenSerializer(allow_null=True, help_text="Among the polls that were read.")
    windows = WindowUptimeSerializer(many=True)


class _StretchSerializer(serializers.Serializer[Any]):
    has_no_end = False

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields after ``from`` and ``to``."""
        instants = {
            name: serializers.DateTimeField(allow_null=self.has_no_end) for name in ("from", "to")
        }
        return {**instants, **super().get_fields()}


class SpanOpeningSerializer(_StretchSerializer):
    """The opening that a span lies in; `from` and `to` are null where it goes on and on."""

    has_no_end = True
    rule = serializers.ChoiceField(choices=["business_hours", "always_open"])
    business_hours = BusinessHoursSerializer(many=True, help_text="The rows that make it.")


class SpanSerializer(_StretchSerializer):
    """A stretch of one state, and why."""

    state = serializers.ChoiceField(choices=["up", "down", "unknown", "closed"])
    rule = serializers.ChoiceField(
        choices=["nearest_poll", "no_evidence", "max_gap", "outside_hours"]
    )
    length_us = serializers.IntegerField()
    poll = PollSeenSerializer(allow_null=True, help_text="The one that made it.")
    opening = SpanOpeningSerializer(allow_null=True)


class TimelinePollSerializer(PollSeenSerializer):
    """A poll of the stretch."""

    is_evidence = serializers.BooleanField(help_text="False for one outside business hours.")


class TimelineSerializer(HistorySerializer):
    """Every instant of a stretch of time. The spans' lengths sum up to the numbers."""

    up_us = serializers.IntegerField()
    down_us = serializers.IntegerField()
    unknown_us = serializers.IntegerField()
    open_us = serializers.IntegerField()
    closed_us = serializers.IntegerField()
    spans = SpanSerializer(many=True)
    polls = TimelinePollSerializer(many=True, help_text="All of the stretch, oldest first.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with ``from`` and ``to``."""
        instants = {name: serializers.DateTimeField() for name in ("from", "to")}
        return {**super().get_fields(), **instants}
