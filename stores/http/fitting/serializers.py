"""Stores whose hours look wrong in answers, and the parameters of their list."""

from typing import Any

from rest_framework import serializers

from api.serializers import QuerySerializer, address_of
from stores.fitting import LooksWrong, wall_time
from stores.http.fields import WallTimeField
from stores.http.serializers import BusinessHoursSerializer

USUAL, MOST = 100, 1000


class SuggestionsQuery(QuerySerializer):
    """Which stores, and how many."""

    store_id = serializers.CharField(
        required=False, max_length=100, trim_whitespace=False, help_text="Only this store."
    )
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST, help_text=f"Stores; {USUAL} by default."
    )


class EdgeSerializer(serializers.Serializer[Any]):
    """An edge of a store's hours that should move inwards, by rule 32 of docs/uptime.md."""

    edge = serializers.ChoiceField(["opens", "closes"])
    was = WallTimeField(closing=False)
    fits = WallTimeField(closing=False)
    weekdays = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6))
    seen = serializers.IntegerField(help_text="In how many openings it fits what was polled.")
    of = serializers.IntegerField(help_text="How many openings can be judged.")


class LooksWrongSerializer(serializers.Serializer[Any]):
    """A store whose hours look wrong."""

    store_id = serializers.CharField()
    url = serializers.URLField()
    edges = EdgeSerializer(many=True)
    business_hours = BusinessHoursSerializer(
        many=True, help_text="The whole week as it would be; `PATCH` the store with it to accept."
    )


class SuggestionsSerializer(serializers.Serializer[Any]):
    """The stores whose hours look wrong."""

    as_of = serializers.DateTimeField()
    count = serializers.IntegerField(help_text="How many there are.")
    results = LooksWrongSerializer(many=True)


def told(serializer: serializers.BaseSerializer[Any], one: LooksWrong) -> dict[str, Any]:
    """Return a store as plain data. ``serializer``: with the request in its context."""
    return {
        "store_id": one.store_id,
        "url": address_of(serializer, "store", store_id=one.store_id),
        "edges": [
            {
                "edge": suggestion.edge,
                "was": wall_time(suggestion.was).isoformat(),
                "fits": wall_time(suggestion.fits).isoformat(),
                "weekdays": weekdays,
                "seen": suggestion.seen,
                "of": suggestion.of,
            }
            for suggestion, weekdays in one.edges
        ],
        "business_hours": [
            {"weekday": weekday, "opens": opens.isoformat(), "closes": closes.isoformat()}
            for weekday, opens, closes in one.business_hours
        ],
    }
