"""Special days in requests and answers."""

import re
from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.errors.problems import UNUSABLE
from api.serializers import PageQuery, QuerySerializer, StrictSerializer
from feeds import naming
from feeds.values import BadValue
from fleet.models import SpecialDay
from fleet.special_days.editing import Times
from fleet.special_days.models import FIRST_DATE, LAST_DATE
from fleet.special_days.proposals import COUNTRY_PATTERN, REGION_PATTERN
from fleet.special_days.scopes import SCOPE_PATTERN, scope_of
from stores.http.fields import TagField, WallTimeField

_SCOPE = {"type": "string", "pattern": f"^({SCOPE_PATTERN})$", "maxLength": 106}
_BOTH = "Give both times, or neither for a closed day."


@extend_schema_field(_SCOPE)
class ScopeField(serializers.CharField):
    """``fleet``, ``tag:NAME`` or ``store:ID``."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if re.fullmatch(SCOPE_PATTERN, text) is None or len(text) > 106:
            raise serializers.ValidationError("Must be fleet, tag:NAME or store:ID.")
        return text


@extend_schema_field({"type": "string", "maxLength": naming.LONGEST_REASON})
class ReasonField(serializers.CharField):
    """Why a day is special, as in the feed."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return naming.reason(text)
        except BadValue as error:
            is_long = len(text) > naming.LONGEST_REASON
            code = "invalid" if is_long else UNUSABLE
            raise serializers.ValidationError(f"{text[:50]!r} {error}.", code) from error


class StoredDateField(serializers.DateField):
    """A date that a special day may have."""

    def to_internal_value(self, value: Any) -> date:
        day = super().to_internal_value(value)
        if not FIRST_DATE <= day <= LAST_DATE:
            raise serializers.ValidationError(
                f"Must lie between {FIRST_DATE} and {LAST_DATE}.", code=UNUSABLE
            )
        return day


class TimesInput(StrictSerializer):
    """The values that can change."""

    date = StoredDateField(input_formats=["iso-8601"])
    opens = WallTimeField(closing=False, required=False, allow_null=True)
    closes = WallTimeField(
        closing=True,
        required=False,
        allow_null=True,
        help_text="At or before `opens` means on the next day; 23:59 means midnight.",
    )
    reason = ReasonField(required=False, allow_blank=True)


class SpecialDayInput(TimesInput):
    """One opening of a date, or without times a date that is closed."""

    scope = ScopeField(help_text="`fleet`, `tag:NAME` or `store:ID`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse one time without the other."""
        if (attrs.get("opens") is None) != (attrs.get("closes") is None):
            missing = "closes" if attrs.get("closes") is None else "opens"
            raise serializers.ValidationError({missing: _BOTH}, code=UNUSABLE)
        return attrs

    @property
    def times(self) -> Times:
        """The validated row."""
        said = self.validated_data
        opens, closes = said.get("opens"), said.get("closes")
        return Times(said["date"], opens, closes, said.get("reason", ""))


class DayOfStoreSerializer(serializers.ModelSerializer[SpecialDay]):
    """A special day in the answer about a store."""

    scope = serializers.SerializerMethodField(help_text="`fleet`, `tag:NAME` or `store:ID`.")
    opens = WallTimeField(closing=False, allow_null=True, help_text="Null if closed.")
    closes = WallTimeField(closing=True, allow_null=True)

    class Meta:
        model = SpecialDay
        fields = ["id", "scope", "date", "opens", "closes", "reason"]
        read_only_fields = fields

    @extend_schema_field(_SCOPE)
    def get_scope(self, day: SpecialDay) -> str:
        """Return whose day it is."""
        return str(scope_of(day))


class SpecialDaySerializer(DayOfStoreSerializer):
    """A special day as a resource."""

    class Meta(DayOfStoreSerializer.Meta):
        fields = [*DayOfStoreSerializer.Meta.fields, "made_by", "made_at"]
        read_only_fields = fields


class SpecialDayQuery(PageQuery):
    """The filters of the list; a row must meet all that are given."""

    scope = serializers.ChoiceField(
        required=False, choices=["fleet", "tag", "store"], help_text="Only rows of this kind."
    )
    store = serializers.CharField(
        required=False, max_length=100, help_text="The store's own rows, by its id."
    )
    tag = TagField(required=False, help_text="The rows of this tag.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with ``from``, a reserved word in Python."""
        return {
            "from": serializers.DateField(required=False, help_text="The first date."),
            "to": serializers.DateField(required=False, help_text="The last date."),
            **super().get_fields(),
        }


class ProposalQuery(QuerySerializer):
    """Whose public holidays are asked for."""

    country = serializers.RegexField(
        f"^{COUNTRY_PATTERN}$", help_text="Of ISO 3166-1, in two letters: `US`."
    )
    region = serializers.RegexField(
        f"^{REGION_PATTERN}$",
        required=False,
        default="",
        help_text="The second half of its code of ISO 3166-2: `TX`. By default only the holidays"
        " of the whole country.",
    )
    year = serializers.IntegerField(min_value=FIRST_DATE.year, max_value=LAST_DATE.year)


class ProposalSerializer(serializers.Serializer[Any]):
    """A public holiday."""

    date = serializers.DateField()
    reason = serializers.CharField(help_text="Its names, in English where these are known.")


class ProposalsSerializer(serializers.Serializer[Any]):
    """The public holidays of a year."""

    proposals = ProposalSerializer(many=True)
