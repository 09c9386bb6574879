"""Stores in the admin: they can be corrected, their polls can be looked at."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Max
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from ingestion.admin_polls import RECENT_DAYS
from ingestion.formatting import NONE, utc
from ingestion.models import BusinessHours, Poll, Store

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

RECENT_POLLS = 50


class BusinessHoursInline(admin.TabularInline):  # type: ignore[type-arg]
    """The hours of one store; the next file of business hours that names it replaces them."""

    model = BusinessHours
    extra = 0


class LastPolledFilter(admin.SimpleListFilter):
    """How long before the newest poll of all a store was last polled."""

    title = "last polled"
    parameter_name = "polled"

    def lookups(self, request: "HttpRequest", model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [
            ("day", "Within a day of the newest poll"),
            ("week", "Within a week of it"),
            ("earlier", "Earlier"),
            ("never", "Never"),
        ]

    def queryset(
        self, request: "HttpRequest", queryset: "QuerySet[Store]"
    ) -> "QuerySet[Store] | None":
        """Return the stores of the choice."""
        if self.value() is None:
            return queryset
        newest = Store.objects.aggregate(newest=Max("last_polled_at"))["newest"]
        if newest is None or self.value() == "never":
            return queryset.filter(last_polled_at=None)
        days = {"day": 1, "week": 7, "earlier": 7}.get(self.value() or "", 7)
        border = newest - timedelta(days=days)
        if self.value() == "earlier":
            return queryset.filter(last_polled_at__lt=border)
        return queryset.filter(last_polled_at__gte=border)


@admin.register(Store)
class StoreAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Stores: their zone and hours can be corrected, their polls can be looked at."""

    list_display = ["store_id", "time_zone_name", "last_status", "last_polled"]
    list_filter = [
        "last_status",
        LastPolledFilter,
        ("time_zone", admin.RelatedOnlyFieldListFilter),
    ]
    search_fields = ["store_id"]
    search_help_text = "Any part of a store id."
    show_facets = admin.ShowFacets.NEVER
    fields = ["store_id", "time_zone", "last_status", "last_polled", "recent_polls"]
    readonly_fields = ["store_id", "last_status", "last_polled", "recent_polls"]
    inlines = [BusinessHoursInline]

    def has_add_permission(self, request: "HttpRequest") -> bool:
        """Leave it to the feeds to bring stores in."""
        return False

    def has_delete_permission(self, request: "HttpRequest", obj: Store | None = None) -> bool:
        """Refuse: its polls would go with it."""
        return False

    @admin.display(description="time zone", ordering="time_zone")
    def time_zone_name(self, store: Store) -> str:
        """Return the name of the zone, which is its key: no query."""
        return store.time_zone_id or NONE

    @admin.display(description="last polled (UTC)", ordering="last_polled_at")
    def last_polled(self, store: Store) -> str:
        """Return the instant of the last poll."""
        return utc(store.last_polled_at)

    @admin.display(description=f"last {RECENT_POLLS} polls (UTC)")
    def recent_polls(self, store: Store) -> "SafeString | str":
        """Return the store's last polls as a list, newest first."""
        rows = [(poll.get_status_display(), utc(poll.polled_at)) for poll in _recent(store)]
        if not rows:
            return "Never polled."
        items = format_html_join("", '<li class="{0}">{1} {0}</li>', rows)
        address = reverse("admin:ingestion_pollrecord_changelist", query={"q": store.store_id})
        return format_html(
            '<ul class="recent-polls">{}</ul><a href="{}">All its polls</a>', items, address
        )


def _recent(store: Store) -> "QuerySet[Poll]":
    """Return the store's polls of its last week: the index is by instant, so give it a stretch."""
    if store.last_polled_at is None:
        return Poll.objects.none()
    stretch = (store.last_polled_at - RECENT_DAYS, store.last_polled_at)
    polls = Poll.objects.filter(store=store, polled_at__range=stretch)
    return polls.order_by("-polled_at")[:RECENT_POLLS]
