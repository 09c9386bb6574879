"""Filters of the admin's store list; none of them counts or lists unbounded sets."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Exists, OuterRef

from fleet.extent import newest_poll
from fleet.models import Store, Tag, TimeZone
from stores.silence import USUAL

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

TAGS_OFFERED = 50


class LastPolledFilter(admin.SimpleListFilter):
    """How long before the newest poll of all stores a store was last polled."""

    title = "last polled"
    parameter_name = "polled"
    silent_for = {"silent": USUAL, "days": timedelta(days=1), "earlier": timedelta(weeks=1)}

    def lookups(self, request: "HttpRequest", model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("day", "Within a day of the newest poll"),
            ("week", "Within a week of it"),
            ("silent", "More than 6 hours before it"),
            ("days", "More than a day"),
            ("earlier", "More than a week"),
            ("never", "Never"),
        ]

    def queryset(
        self, request: "HttpRequest", queryset: "QuerySet[Store]"
    ) -> "QuerySet[Store] | None":
        choice = self.value()
        if choice is None:
            return queryset
        newest = newest_poll()
        if newest is None or choice == "never":
            return queryset.filter(last_polled_at=None)
        if choice in self.silent_for:
            return queryset.filter(last_polled_at__lt=newest - self.silent_for[choice])
        age = timedelta(days=1) if choice == "day" else timedelta(weeks=1)
        return queryset.filter(last_polled_at__gte=newest - age)


class TagFilter(admin.SimpleListFilter):
    """Stores with one tag. Only the first tags are offered, but the URL can have any."""

    title = "tag"
    parameter_name = "tag"

    def lookups(self, request: "HttpRequest", model_admin: Any) -> list[tuple[str, str]]:
        names = Tag.objects.values_list("name", flat=True)[:TAGS_OFFERED]
        return [(name, name) for name in names]

    def queryset(
        self, request: "HttpRequest", queryset: "QuerySet[Store]"
    ) -> "QuerySet[Store] | None":
        return queryset.filter(tags__name=self.value()) if self.value() else queryset


class TimeZoneFilter(admin.SimpleListFilter):
    """Stores in one zone. Offers the zones that have stores, found by one index look-up each."""

    title = "time zone"
    parameter_name = "zone"
    none = "none"

    def lookups(self, request: "HttpRequest", model_admin: Any) -> list[tuple[str, str]]:
        theirs = Store.objects.filter(time_zone=OuterRef("name"))
        names = TimeZone.objects.filter(Exists(theirs)).values_list("name", flat=True)
        return [*((name, name) for name in names), (self.none, "none")]

    def queryset(
        self, request: "HttpRequest", queryset: "QuerySet[Store]"
    ) -> "QuerySet[Store] | None":
        if self.value() == self.none:
            return queryset.filter(time_zone=None)
        return queryset.filter(time_zone=self.value()) if self.value() else queryset
