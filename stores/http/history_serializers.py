"""Numbers and timelines of one store in answers. Times are whole microseconds, exact."""

from typing import Any

from rest_framework import serializers

from stores.http.serializers import BusinessHoursSerializer

_STATUSES = ["active", "inactive"]


class PollSeenSerializer(serializers.Serializer[Any]):
    """A poll behind a result."""

    polled_at = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=_STATUSES)


class HistorySerializer(serializers.Serializer[Any]):
    """The common head of numbers and timelines."""

    store_id = serializers.CharField()
    as_of = serializers.DateTimeField(help_text="Later polls are ignored.")
    max_gap_us = serializers.IntegerField(allow_null=True)
    time_zone = serializers.CharField(help_text="The time zone used for the business hours.")


class WindowUptimeSerializer(serializers.Serializer[Any]):
    """The numbers of one window.

    `up + down + unknown + excluded = open` and `open + closed = to - from`.
    """

    window = serializers.CharField(allow_null=True, help_text="As asked for; null for from and to.")
    up_us = serializers.IntegerField()
    down_us = serializers.IntegerField()
    unknown_us = serializers.IntegerField()
    excluded_us = serializers.IntegerField(help_text="Open time that does not count.")
    open_us = serializers.IntegerField()
    closed_us = serializers.IntegerField()
    uptime_percentage = serializers.CharField(help_text="Two decimals, rounded down, or n/a.")
    coverage_percentage = serializers.CharField(help_text="Of the open time that counts, or n/a.")
    longest_gap_us = serializers.IntegerField()
    least_uptime_us = serializers.IntegerField()
    most_uptime_us = serializers.IntegerField()
    margin_us = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with ``from``, a reserved word in Python."""
        fields = super().get_fields()
        instants = {name: serializers.DateTimeField() for name in ("from", "to")}
        return {"window": fields.pop("window"), **instants, **fields}


class UptimeSerializer(HistorySerializer):
    """The numbers of a report for one store, exact."""

    last_poll = PollSeenSerializer(
        allow_null=True, help_text="The last of the polls that were read."
    )
    windows = WindowUptimeSerializer(many=True)


class _StretchSerializer(serializers.Serializer[Any]):
    has_no_end = False

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields after ``from`` and ``to``."""
        instants = {
            name: serializers.DateTimeField(allow_null=self.has_no_end) for name in ("from", "to")
        }
        return {**instants, **super().get_fields()}


class SpanSpecialDaySerializer(serializers.Serializer[Any]):
    """A row of a special day."""

    date = serializers.DateField()
    opens = serializers.CharField(help_text="Local time.")
    closes = serializers.CharField(help_text="Local time.")


class SpanOpeningSerializer(_StretchSerializer):
    """The opening around a span; `from` and `to` are null if it is unbounded."""

    has_no_end = True
    rule = serializers.ChoiceField(choices=["business_hours", "special_day", "always_open"])
    business_hours = BusinessHoursSerializer(many=True, help_text="The rows behind it.")
    special_days = SpanSpecialDaySerializer(many=True, help_text="The special days behind it.")


class SpanSerializer(_StretchSerializer):
    """An interval of one state, and the reason."""

    state = serializers.ChoiceField(choices=["up", "down", "unknown", "excluded", "closed"])
    rule = serializers.ChoiceField(
        choices=[
            *("nearest_poll", "no_evidence", "max_gap", "poller_outage", "exclusion"),
            "outside_hours",
        ]
    )
    length_us = serializers.IntegerField()
    poll = PollSeenSerializer(allow_null=True, help_text="The poll that gives the status.")
    opening = SpanOpeningSerializer(allow_null=True)


class TimelinePollSerializer(PollSeenSerializer):
    """A poll in the interval."""

    is_evidence = serializers.BooleanField(help_text="False for one in closed or excluded time.")


class TimelineSerializer(HistorySerializer):
    """Every instant of an interval. The spans' lengths add up to the numbers."""

    up_us = serializers.IntegerField()
    down_us = serializers.IntegerField()
    unknown_us = serializers.IntegerField()
    excluded_us = serializers.IntegerField(help_text="Open time that does not count.")
    open_us = serializers.IntegerField()
    closed_us = serializers.IntegerField()
    spans = SpanSerializer(many=True)
    polls = TimelinePollSerializer(many=True, help_text="All polls in the interval, oldest first.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with ``from`` and ``to``."""
        instants = {name: serializers.DateTimeField() for name in ("from", "to")}
        return {**super().get_fields(), **instants}
