"""The filters of the list of exclusions."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from api.errors.problems import UNUSABLE
from api.serializers import EARLIEST, LATEST, InstantField
from fleet.exclusions.finding import concerning, within
from fleet.exclusions.models import Exclusion, Scope
from fleet.models import Store
from stores.http.fields import TagField
from stores.http.queries import LimitedPageQuery

LONGEST = timedelta(days=366)


class ExclusionQuery(LimitedPageQuery):
    """An exclusion must meet all that are given."""

    store = serializers.CharField(
        required=False,
        max_length=100,
        trim_whitespace=False,
        help_text="A store's id: its own, those of its tags, and those of the fleet.",
    )
    tag = TagField(required=False, help_text="Those of this tag.")
    scope = serializers.ChoiceField(required=False, choices=Scope.values)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with ``from``, a reserved word in Python."""
        said = "With time in an interval that begins here; it ends at `to`, or 366 days later."
        until = "With time in an interval that ends here; it begins at `from`, or 366 days earlier."
        return {
            "from": InstantField(required=False, help_text=said),
            "to": InstantField(required=False, help_text=until),
            **super().get_fields(),
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an interval that is empty or too long."""
        if "from" in attrs and "to" in attrs:
            if attrs["from"] >= attrs["to"]:
                raise serializers.ValidationError({"from": "Must be before `to`."}, code=UNUSABLE)
            if attrs["to"] - attrs["from"] > LONGEST:
                message = f"Ask for at most {LONGEST.days} days."
                raise serializers.ValidationError({"from": message}, code=UNUSABLE)
        return attrs


def wanted(query: dict[str, Any]) -> QuerySet[Exclusion]:
    """Return the exclusions that a validated query asks for."""
    rows: QuerySet[Exclusion] = Exclusion.objects.all()
    if "store" in query:
        store = Store.objects.filter(store_id=query["store"]).first()
        if store is None:
            message = f"There is no store {query['store']!r}."
            raise serializers.ValidationError({"store": message}, code=UNUSABLE)
        rows = concerning(store)
    if "tag" in query:
        rows = rows.filter(tag__name=query["tag"])
    if "scope" in query:
        rows = rows.filter(scope=query["scope"])
    if "from" in query or "to" in query:
        return within(rows, *_interval(query.get("from"), query.get("to")))
    return rows


def _interval(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """Return both ends, of which at least one is given."""
    if start is None:
        return max((end or LATEST) - LONGEST, EARLIEST), end or LATEST
    return start, min(start + LONGEST, LATEST) if end is None else end
