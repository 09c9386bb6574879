"""Exclusions in requests and answers."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.errors.problems import UNUSABLE
from api.serializers import InstantField, StrictSerializer, address_of
from fleet.exclusions.finding import next_stretches
from fleet.exclusions.models import Exclusion, Scope
from fleet.models import Store, Tag
from jobs import clock
from reports.http.fields import LengthField
from reports.request.parameters import text_of_gap
from stores.exclusions.fields import LocalTimeField, ScopeField
from stores.http.fields import TimeZoneField
from uptime.instants import length_in_microseconds
from uptime.recurrence.rule import LONGEST_TEXT

SHOWN_AHEAD = 3
_SCOPE = "`fleet`, `tag:NAME` or `store:ID`."
_ONCE = ("starts_at", "ends_at")
# The fields of a recurrence, by the columns that hold them.
_COLUMNS = {
    "rule": "rule",
    "first_date": "local_start",
    "start_time": "local_start",
    "duration_us": "duration",
    "time_zone": "time_zone",
}


class RecurrenceInput(StrictSerializer):
    """When an exclusion comes again."""

    rule = serializers.CharField(
        max_length=LONGEST_TEXT,
        help_text="RFC 5545, at most once a day: `FREQ=WEEKLY;BYDAY=SU`. Known parts: FREQ,"
        " INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY, BYDAY, WKST.",
    )
    local_start = LocalTimeField(
        help_text="Where the rule begins, and the time of day of each start: a local time."
    )
    duration = LengthField(help_text="From a minute to 31 days, on the local clock.")
    time_zone = TimeZoneField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require all fields, even if only some of the exclusion change."""
        missing = [name for name in map(str, self.fields) if name not in attrs]
        if missing:
            message = self.fields[missing[0]].error_messages["required"]
            raise serializers.ValidationError(dict.fromkeys(missing, message))
        return attrs


class ExclusionInput(StrictSerializer):
    """The editable fields of an exclusion."""

    scope = ScopeField(help_text=_SCOPE)
    starts_at = InstantField(
        required=False, allow_null=True, help_text="Needed without a recurrence."
    )
    ends_at = InstantField(
        required=False,
        allow_null=True,
        help_text="Needed without a recurrence; no occurrence reaches beyond it.",
    )
    recurrence = RecurrenceInput(required=False, allow_null=True)
    reason = serializers.CharField(max_length=500)

    def apply(self, exclusion: Exclusion) -> Exclusion:
        """Set what is given on an exclusion, checked and not saved; raises ValidationError.

        Call inside a transaction: the store or tag stays until its end.
        """
        given = dict(self.validated_data)
        if "scope" in given:
            _set_scope(exclusion, given.pop("scope"))
        if "recurrence" in given:
            _set_recurrence(exclusion, given.pop("recurrence"))
        for name, value in given.items():
            setattr(exclusion, name, value)
        try:
            exclusion.full_clean()
        except ModelError as error:
            raise serializers.ValidationError(_by_field(error), code=UNUSABLE) from error
        return exclusion


def _set_scope(exclusion: Exclusion, text: str) -> None:
    scope, _, name = text.partition(":")
    exclusion.scope, exclusion.store, exclusion.tag = scope, None, None
    if scope == Scope.STORE:
        rows = Store.objects.select_for_update(no_key=True)
        exclusion.store = rows.filter(store_id=name).first() or _unknown(f"store {name!r}")
    elif scope == Scope.TAG:
        tags = Tag.objects.select_for_update(no_key=True)
        exclusion.tag = tags.filter(name=name).first() or _unknown(f"tag {name!r}")


def _unknown(what: str) -> Any:
    raise serializers.ValidationError({"scope": f"There is no {what}."}, code=UNUSABLE)


def _set_recurrence(exclusion: Exclusion, said: dict[str, Any] | None) -> None:
    if said is None:
        exclusion.rule, exclusion.first_date, exclusion.start_time = "", None, None
        exclusion.duration_us, exclusion.time_zone_id = None, None
        return
    start = said["local_start"]
    exclusion.rule, exclusion.first_date, exclusion.start_time = (
        said["rule"],
        start.date(),
        start.time(),
    )
    exclusion.duration_us = length_in_microseconds(said["duration"])
    exclusion.time_zone_id = said["time_zone"]


def _by_field(error: ModelError) -> dict[str, Any]:
    """Return the faults by the fields of a request."""
    faults: dict[str, Any] = {}
    for name, messages in error.message_dict.items():
        if name in _COLUMNS:
            faults.setdefault("recurrence", {})[_COLUMNS[name]] = messages
        else:
            faults[name] = messages
    return faults


class StretchSerializer(serializers.Serializer[Any]):
    """One interval of an exclusion."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with ``from``, a reserved word in Python."""
        return {name: serializers.DateTimeField() for name in ("from", "to")}


class RecurrenceSerializer(serializers.Serializer[Any]):
    """The recurrence of an exclusion."""

    rule = serializers.CharField()
    local_start = serializers.CharField()
    duration = serializers.CharField()
    time_zone = serializers.CharField()


class ExclusionSerializer(serializers.ModelSerializer[Exclusion]):
    """An exclusion as a resource."""

    url = serializers.SerializerMethodField()
    scope = serializers.CharField(source="scope_text", help_text=_SCOPE)
    recurrence = serializers.SerializerMethodField(help_text="Null for a single interval.")
    next_occurrences = serializers.SerializerMethodField(
        help_text="The first three that have not ended by now."
    )

    class Meta:
        model = Exclusion
        fields = [
            "id",
            "url",
            "scope",
            *_ONCE,
            "recurrence",
            "reason",
            "created_by",
            "created_at",
            "next_occurrences",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.URLField)
    def get_url(self, exclusion: Exclusion) -> str:
        """Return the exclusion's URL."""
        return address_of(self, "exclusion", exclusion_id=exclusion.pk)

    @extend_schema_field(RecurrenceSerializer(allow_null=True))
    def get_recurrence(self, exclusion: Exclusion) -> dict[str, Any] | None:
        """Return the rule with its start, duration and zone."""
        recurrence = exclusion.recurrence
        if recurrence is None:
            return None
        return {
            "rule": recurrence.rule.text,
            "local_start": f"{recurrence.first}T{recurrence.time.isoformat()}",
            "duration": text_of_gap(timedelta(microseconds=recurrence.duration)),
            "time_zone": recurrence.zone,
        }

    @extend_schema_field(StretchSerializer(many=True))
    def get_next_occurrences(self, exclusion: Exclusion) -> list[dict[str, Any]]:
        """Return the stretches that are next, or going on."""
        ahead = next_stretches(exclusion, clock.now(), SHOWN_AHEAD)
        said = [{"from": start, "to": end} for start, end in ahead]
        return [dict(one) for one in StretchSerializer(said, many=True).data]
