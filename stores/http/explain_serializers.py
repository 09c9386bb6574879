"""Explanations in answers, for the schema; ``uptime.explain.told`` makes them."""

from typing import Any

from rest_framework import serializers

from stores.http.history_serializers import PollSeenSerializer
from uptime.explain.explanation import RULES
from uptime.explain.rows import RULES_OF_NOTES

_RULE = "The number of the rule in docs/uptime.md."
_USES = [
    "decides",
    "farther",
    "outside_hours",
    "in_exclusion",
    "before_look_back",
    "after_as_of",
    "replaced",
]


class _SumsSerializer(serializers.Serializer[Any]):
    up_us = serializers.IntegerField()
    down_us = serializers.IntegerField()
    unknown_us = serializers.IntegerField()
    excluded_us = serializers.IntegerField()
    open_us = serializers.IntegerField()


class _FromToSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with ``from``, a reserved word in Python."""
        instants = {name: serializers.DateTimeField() for name in ("from", "to")}
        return {**instants, **super().get_fields()}


class RowNoteSerializer(serializers.Serializer[Any]):
    """What had to be decided about a row."""

    note = serializers.ChoiceField(choices=list(RULES_OF_NOTES))
    rule = serializers.IntegerField(help_text=_RULE)


class ExplainedRowSerializer(_FromToSerializer):
    """A row of business hours, or of a special day, on one local date.

    `from` and `to` are what it means in UTC.
    """

    date = serializers.DateField()
    weekday = serializers.IntegerField(help_text="0 is Monday.")
    opens = serializers.CharField(help_text="As it was written, in local time.")
    closes = serializers.CharField(help_text="As it was written, in local time.")
    notes = RowNoteSerializer(many=True)


class ExplainedSpanSerializer(_FromToSerializer):
    """A part of an opening that has one state by one poll."""

    state = serializers.ChoiceField(choices=["up", "down", "unknown", "excluded"])
    reason = serializers.ChoiceField(
        choices=["nearest_poll", "no_evidence", "max_gap", "poller_outage", "exclusion"]
    )
    rule = serializers.IntegerField(help_text=_RULE)
    length_us = serializers.IntegerField()
    poll = PollSeenSerializer(allow_null=True, help_text="The nearest poll that counts.")


class MidpointSerializer(serializers.Serializer[Any]):
    """Where the nearest poll changes, half-way between two."""

    at = serializers.DateTimeField()
    before = PollSeenSerializer()
    after = PollSeenSerializer()


class ExplainedOpeningSerializer(_SumsSerializer, _FromToSerializer):
    """The part of an opening in the window, and its sums."""

    date = serializers.DateField(help_text="The local date on which this part begins.")
    opens = serializers.DateTimeField(allow_null=True, help_text="Null if it never began.")
    closes = serializers.DateTimeField(allow_null=True, help_text="Null if it never ends.")
    reason = serializers.ChoiceField(choices=["business_hours", "special_day", "always_open"])
    rule = serializers.IntegerField(help_text=_RULE)
    business_hours = ExplainedRowSerializer(many=True)
    special_days = ExplainedRowSerializer(many=True)
    spans = ExplainedSpanSerializer(many=True)
    midpoints = MidpointSerializer(many=True)


class ExplainedPollSerializer(PollSeenSerializer):
    """A poll, and what became of it."""

    counts = serializers.BooleanField()
    use = serializers.ChoiceField(choices=[use for use in _USES if use in RULES])
    rule = serializers.IntegerField(help_text=_RULE)


class ExplanationSerializer(_SumsSerializer, _FromToSerializer):
    """Why the numbers of a store in a window are what they are."""

    store_id = serializers.CharField()
    as_of = serializers.DateTimeField(help_text="Later polls are ignored.")
    time_zone = serializers.CharField(help_text="The time zone used for the business hours.")
    time_zone_is_default = serializers.BooleanField()
    look_back_us = serializers.IntegerField()
    max_gap_us = serializers.IntegerField(allow_null=True)
    polls_count_from = serializers.DateTimeField(
        help_text="The look-back before the report's first window."
    )
    window = serializers.CharField()
    closed_us = serializers.IntegerField()
    uptime_percentage = serializers.CharField(help_text="Two decimals, rounded down, or n/a.")
    printed = serializers.DictField(
        child=serializers.CharField(), help_text="By column, as a report with full columns has it."
    )
    closed_special_days = serializers.ListField(
        child=serializers.DateField(), help_text="Special days in the window without an opening."
    )
    openings = ExplainedOpeningSerializer(many=True)
    polls = ExplainedPollSerializer(many=True, help_text="Oldest first.")
