"""The stamp of a report in answers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from reports.http.serializers import ReportSerializer
from reports.models import PollerOutages, Report, ReportKind

# As reports/http/schema.py shows it.
STAMP = {
    "kind": "uptime",
    "as_of": "2023-01-25T18:13:22.479220Z",
    "windows": ["1h", "24h", "7d"],
    "columns": "classic",
    "stores": None,
    "policy": {
        "filling": "nearest",
        "max_gap_us": None,
        "look_back_us": 86400000000,
        "fresh_us": None,
        "store_without_business_hours": "always open",
        "weekday_without_business_hours": "closed",
        "store_without_time_zone": "America/Chicago",
        "poller_outages": "fill",
        "special_days": "instead of the weekly hours of their date",
        "exclusions": "neither uptime nor downtime",
    },
    "rules": 2,
    "core_sha256": "30ca2989a30d69a95984dd6950af8ae0b43421192b3808d398de9c060e4b4d01",
    "tzdata": "2026.6",
    "data": {
        "method": 1,
        "sha256": "2d7e9f27f2e31ab3c15ae8ab09177dad243aa9f338e556123e06c61e735637b3",
        "business_hours": {"rows": 86198, "digest": "17022dcf4f8df0c7"},
        "exclusions": {"rows": 0, "digest": "0000000000000000"},
        "polls": {
            "rows": 1822080,
            "digest": "7b2db5dad5c35751",
            "days": {"2023-01-24": {"rows": 329740, "digest": "43ce2d6ed7dff744"}},
        },
        "silences": {"rows": 0, "digest": "0000000000000000"},
        "special_days": {"rows": 0, "digest": "0000000000000000"},
        "stores": {"rows": 14226, "digest": "a10c102889ed11ea"},
    },
    "row_count": 14226,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


class StampPolicySerializer(serializers.Serializer[Any]):
    """What the rules leave open."""

    filling = serializers.ChoiceField(choices=["nearest"])
    max_gap_us = serializers.IntegerField(allow_null=True)
    look_back_us = serializers.IntegerField()
    fresh_us = serializers.IntegerField(
        allow_null=True, help_text="Null for classic columns, which do not depend on it."
    )
    store_without_business_hours = serializers.CharField()
    weekday_without_business_hours = serializers.CharField()
    store_without_time_zone = serializers.CharField()
    special_days = serializers.CharField()
    exclusions = serializers.CharField()
    poller_outages = serializers.ChoiceField(choices=PollerOutages.choices)


class StampRowsSerializer(serializers.Serializer[Any]):
    """Rows of one kind: how many, and the sum of their hashes as 16 hexadecimal digits."""

    rows = serializers.IntegerField()
    digest = serializers.CharField()


class StampPollRowsSerializer(StampRowsSerializer):
    """Polls, together and by day of UTC."""

    days = serializers.DictField(
        child=StampRowsSerializer(), help_text="`older` is all before the last 40 days."
    )


class StampDataSerializer(serializers.Serializer[Any]):
    """A fingerprint of the data that were read."""

    method = serializers.IntegerField(help_text="Others cannot be compared with it.")
    sha256 = serializers.CharField(help_text="Of all kinds together.")
    stores = StampRowsSerializer()
    business_hours = StampRowsSerializer()
    special_days = StampRowsSerializer()
    exclusions = StampRowsSerializer()
    tags = StampRowsSerializer(required=False, help_text="Only if the kind depends on them.")
    polls = StampPollRowsSerializer()
    silences = StampRowsSerializer()


class StampSerializer(serializers.Serializer[Any]):
    """By what a report was made."""

    kind = serializers.ChoiceField(choices=ReportKind.choices)
    as_of = serializers.DateTimeField()
    windows = serializers.ListField(child=serializers.CharField())
    columns = serializers.ChoiceField(choices=Report.Columns.choices)
    stores = serializers.DictField(
        allow_null=True, help_text="Null for all; with the number of ids instead of the ids."
    )
    policy = StampPolicySerializer()
    rules = serializers.IntegerField(help_text="The version of the rules.")
    core_sha256 = serializers.CharField(help_text="Of the code that the rules are written in.")
    tzdata = serializers.CharField(help_text="The version of the time zone data.")
    row_count = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="Of the CSV.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with ``data``, which is an attribute of every serializer."""
        return {**super().get_fields(), "data": StampDataSerializer()}


class StampedSerializer(ReportSerializer):
    """A report with its stamp."""

    stamp = serializers.SerializerMethodField(
        help_text="By what it was made. Null until the report is complete, and if it was made"
        " before reports kept a stamp."
    )

    class Meta(ReportSerializer.Meta):
        fields = [*ReportSerializer.Meta.fields, "stamp"]
        read_only_fields = fields

    @extend_schema_field(StampSerializer(allow_null=True))
    def get_stamp(self, report: Report) -> dict[str, Any] | None:
        """Return the stamp as it was stored."""
        return report.stamp
