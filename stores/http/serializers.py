"""Stores in answers, and changes of them in requests."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.errors.problems import UNUSABLE
from api.serializers import StrictSerializer, address_of
from feeds import naming
from feeds.values import BadValue
from fleet.editing import Opening, Settings
from fleet.models import BusinessHours, Poll, PollStatus, Store
from stores.http.fields import NameField, TagField, TimeZoneField, WallTimeField
from stores.http.special_days.serializers import DayOfStoreSerializer
from stores.selectors import polls_of
from stores.special_days import recent_days_of
from stores.week import weekly_openings
from uptime.open_time.zones import DEFAULT_TIME_ZONE
from uptime.windows.elapsed import DAY

RECENT_POLLS = 10
_STATUSES = ["active", "inactive"]
_WEEKDAY = "0 is Monday."


class PollSerializer(serializers.ModelSerializer[Poll]):
    """One poll."""

    status = serializers.ChoiceField(source="get_status_display", choices=_STATUSES)

    class Meta:
        model = Poll
        fields = ["polled_at", "status"]
        read_only_fields = fields


class BusinessHoursSerializer(StrictSerializer):
    """One opening on one weekday, as in the feed or a request."""

    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text=_WEEKDAY)
    opens = WallTimeField(closing=False)
    closes = WallTimeField(
        closing=True,
        help_text="At or before `opens` means on the next day; 23:59 means midnight.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require all fields, even if only some settings of the store change."""
        missing = [name for name in map(str, self.fields) if name not in attrs]
        if missing:
            message = self.fields[missing[0]].error_messages["required"]
            raise serializers.ValidationError(dict.fromkeys(missing, message))
        return attrs


class OpeningSerializer(serializers.Serializer[Any]):
    """A continuous opening in the week, in local time."""

    opens_weekday = serializers.IntegerField(help_text=_WEEKDAY)
    opens = serializers.CharField()
    closes_weekday = serializers.IntegerField(help_text="Midnight belongs to the day that begins.")
    closes = serializers.CharField()


class LinksSerializer(serializers.Serializer[Any]):
    """Links to more data about a store."""

    polls = serializers.URLField()
    uptime = serializers.URLField()
    timeline = serializers.URLField()
    explain = serializers.URLField()


class StoreSerializer(serializers.ModelSerializer[Store]):
    """A store in a list."""

    url = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    time_zone = serializers.CharField(
        source="time_zone_id", allow_null=True, help_text="Null if unknown."
    )
    status = serializers.SerializerMethodField(help_text="At the last poll; null if never polled.")

    class Meta:
        model = Store
        fields = ["store_id", "url", "name", "tags", "time_zone", "status", "last_polled_at"]
        read_only_fields = fields

    @extend_schema_field(serializers.URLField)
    def get_url(self, store: Store) -> str:
        """Return the store's URL; some ids are written differently in URLs."""
        return address_of(self, "store", store_id=store.store_id)

    def get_tags(self, store: Store) -> list[str]:
        """Return the names of the tags, sorted."""
        return sorted(tag.name for tag in store.tags.all())

    @extend_schema_field(serializers.ChoiceField(choices=_STATUSES, allow_null=True))
    def get_status(self, store: Store) -> str | None:
        """Return the status of the last poll."""
        return None if store.last_status is None else PollStatus(store.last_status).label


class StoreDetailSerializer(StoreSerializer):
    """One store."""

    effective_time_zone = serializers.SerializerMethodField(
        help_text="The time zone of its business hours: its own, or the default."
    )
    time_zone_is_default = serializers.SerializerMethodField()
    business_hours = serializers.SerializerMethodField(
        help_text="As given, in local time; a store without any is always open."
    )
    openings = serializers.SerializerMethodField(
        help_text="The same, merged, for a week without a clock change."
    )
    special_days = serializers.SerializerMethodField(
        help_text="From a month before the newest poll on: those that count for this store, its"
        " own, its tags' or the fleet's."
    )
    recent_polls = serializers.SerializerMethodField(help_text="Newest first.")
    links = serializers.SerializerMethodField()

    class Meta(StoreSerializer.Meta):
        fields = [
            *StoreSerializer.Meta.fields,
            "effective_time_zone",
            "time_zone_is_default",
            "business_hours",
            "openings",
            "special_days",
            "recent_polls",
            "links",
        ]
        read_only_fields = fields

    def get_effective_time_zone(self, store: Store) -> str:
        """Return the time zone that applies."""
        return store.time_zone_id or DEFAULT_TIME_ZONE

    def get_time_zone_is_default(self, store: Store) -> bool:
        """Return whether the store has no time zone of its own."""
        return store.time_zone_id is None

    @extend_schema_field(BusinessHoursSerializer(many=True))
    def get_business_hours(self, store: Store) -> list[dict[str, Any]]:
        """Return the rows in the order of the week."""
        rows = sorted(store.business_hours.all(), key=_in_week)
        return [dict(row) for row in BusinessHoursSerializer(rows, many=True).data]

    @extend_schema_field(OpeningSerializer(many=True))
    def get_openings(self, store: Store) -> list[dict[str, Any]]:
        """Return the merged openings in the order of the week."""
        return [
            {
                "opens_weekday": opens // DAY,
                "opens": _clock(opens % DAY),
                "closes_weekday": closes // DAY % 7,
                "closes": _clock(closes % DAY),
            }
            for opens, closes in weekly_openings(map(_in_week, store.business_hours.all()))
        ]

    @extend_schema_field(DayOfStoreSerializer(many=True))
    def get_special_days(self, store: Store) -> list[dict[str, Any]]:
        """Return the special days that count."""
        days = recent_days_of(store)
        return [dict(day) for day in DayOfStoreSerializer(days, many=True).data]

    @extend_schema_field(PollSerializer(many=True))
    def get_recent_polls(self, store: Store) -> list[dict[str, Any]]:
        """Return the newest polls."""
        polls = polls_of(store)[:RECENT_POLLS]
        return [dict(poll) for poll in PollSerializer(polls, many=True).data]

    @extend_schema_field(LinksSerializer)
    def get_links(self, store: Store) -> dict[str, str]:
        """Return links to more data about the store."""
        return {
            name: address_of(self, f"store-{name}", store_id=store.store_id)
            for name in ("polls", "uptime", "timeline", "explain")
        }


class SettingsSerializer(StrictSerializer):
    """The editable settings of a store."""

    name = NameField(allow_blank=True, help_text="Empty for none.")
    tags = serializers.ListField(
        child=TagField(), help_text="All tags of the store; others are removed."
    )
    time_zone = TimeZoneField(allow_null=True, help_text="Null for the default.")
    business_hours = serializers.ListField(
        child=BusinessHoursSerializer(), max_length=500, help_text="The whole week."
    )

    def validate_tags(self, tags: list[str]) -> tuple[str, ...]:
        """Return the tags, each once."""
        try:
            return naming.distinct_tags(tags)
        except BadValue as error:
            raise serializers.ValidationError(f"{error}.".capitalize(), code=UNUSABLE) from error

    @property
    def settings(self) -> Settings:
        """The given settings, as ``fleet.editing`` takes them."""
        said = dict(self.validated_data)
        if "business_hours" in said:
            said["business_hours"] = [
                Opening(row["weekday"], row["opens"], row["closes"])
                for row in said["business_hours"]
            ]
        return Settings(**said)  # type: ignore[typeddict-item]


def _in_week(row: BusinessHours) -> Any:
    return row.weekday, row.opens, row.closes


def _clock(microseconds: int) -> str:
    """Return a time of day in ISO 8601."""
    minutes, rest = divmod(microseconds, 60_000_000)
    seconds, fraction = divmod(rest, 1_000_000)
    text = f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return f"{text}.{fraction:06}" if fraction else text
