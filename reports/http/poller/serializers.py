"""Poller outages in answers, and the parameters of their list."""

from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers

from api.errors.problems import UNUSABLE
from api.serializers import InstantField, PageQuery
from reports.poller.models import FoundOutage

LONGEST = timedelta(days=366)
USUAL = timedelta(days=7)


class PollerOutageSerializer(serializers.ModelSerializer[FoundOutage]):
    """A stretch in which nobody polled a scope."""

    scope = serializers.CharField(help_text="`fleet`, `zone:NAME` or `tag:NAME`.")
    stores = serializers.IntegerField(help_text="How many stores of it were being polled.")

    class Meta:
        model = FoundOutage
        fields = ["scope", "stores"]

    def get_fields(self) -> dict[str, Any]:
        """Return the fields with ``from``, a reserved word in Python."""
        said, until = "The last poll before it.", "The first poll after it; null while it lasts."
        return {
            "from": serializers.DateTimeField(source="started_at", help_text=said),
            "to": serializers.DateTimeField(source="ended_at", allow_null=True, help_text=until),
            **super().get_fields(),
        }


class PollerOutageQuery(PageQuery):
    """The interval; a listed outage touches it."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with ``from``, a reserved word in Python."""
        said = "The start of the interval; default: 7 days before its end or before the newest"
        return {
            "from": InstantField(required=False, help_text=f"{said} poll, whichever is earlier."),
            "to": InstantField(
                required=False, help_text="The end of the interval; default and maximum: now."
            ),
            **super().get_fields(),
        }


def interval(query: dict[str, Any], newest: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Return the interval of a validated query; ValidationError if it is impossible."""
    end = min(query.get("to", now), max(now, newest))
    start = query.get("from", min(end, newest) - USUAL)
    if start >= end:
        raise serializers.ValidationError(
            {"from": f"Must be before the end, {end:%Y-%m-%dT%H:%M:%S.%fZ}."}, code=UNUSABLE
        )
    if newest - start > LONGEST:
        raise serializers.ValidationError(
            {"from": f"Must be at most {LONGEST.days} days before the newest poll."},
            code=UNUSABLE,
        )
    return start, end
