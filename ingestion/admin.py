"""The source data in the admin: stores can be corrected, what happened can only be read."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Max
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from ingestion.formatting import NONE, duration, size, utc
from ingestion.listing import NextPagePaginator, PollChangeList
from ingestion.models import BusinessHours, Ingestion, Poll, PollRecord, Store

if TYPE_CHECKING:
    from django.core.paginator import Paginator
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

RECENT_DAYS = timedelta(days=7)
RECENT_POLLS = 50


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows what happened; changing it would forge history."""

    def has_add_permission(self, request: "HttpRequest") -> bool:
        """Refuse: nobody adds a record by hand."""
        return False

    def has_change_permission(self, request: "HttpRequest", obj: Any = None) -> bool:
        """Refuse: what happened stays."""
        return False

    def has_delete_permission(self, request: "HttpRequest", obj: Any = None) -> bool:
        """Refuse: what happened stays."""
        return False


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

    class Media:
        css = {"all": ["ingestion/admin.css"]}

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


@admin.register(PollRecord)
class PollAdmin(ReadOnlyAdmin):
    """Polls, newest first; fast at any number of them."""

    list_display = ["polled", "store_link", "status"]
    list_display_links = None
    list_select_related = ["store"]
    ordering = ["-polled_at", "-store_id"]
    sortable_by = ()
    date_hierarchy = "polled_at"
    search_fields = ["store__store_id__exact"]
    search_help_text = "A whole store id. Without a date, its last week is shown."
    show_full_result_count = False

    def get_urls(self) -> "list[URLPattern]":
        """Return the list's address only: the nominal key finds no single row."""
        return [url for url in super().get_urls() if str(url.name).endswith("_changelist")]

    def get_changelist(self, request: "HttpRequest", **kwargs: Any) -> type[PollChangeList]:
        """Return the list that does not count."""
        return PollChangeList

    def get_paginator(
        self, request: "HttpRequest", queryset: Any, per_page: int, *args: Any, **kwargs: Any
    ) -> "Paginator[PollRecord]":
        """Return pages that do not count."""
        number = request.GET.get("p", "1")
        return NextPagePaginator(
            queryset, per_page, number=int(number) if number.isdecimal() else 1
        )

    def get_search_results(
        self, request: "HttpRequest", queryset: "QuerySet[Any]", search_term: str
    ) -> "tuple[QuerySet[Any], bool]":
        """Return the polls of the store with exactly this id."""
        if not search_term.strip():
            return queryset, False
        store = Store.objects.filter(store_id=search_term.strip()).first()
        if store is None or store.last_polled_at is None:
            return queryset.none(), False
        queryset = queryset.filter(store=store, polled_at__lte=store.last_polled_at)
        if "polled_at__year" not in request.GET:
            queryset = queryset.filter(polled_at__gte=store.last_polled_at - RECENT_DAYS)
        return queryset, False

    @admin.display(description="polled at (UTC)")
    def polled(self, poll: PollRecord) -> str:
        """Return the instant."""
        return utc(poll.polled_at)

    @admin.display(description="store")
    def store_link(self, poll: PollRecord) -> "SafeString":
        """Return the store's id, leading to its page."""
        address = reverse("admin:ingestion_store_change", args=[poll.store_id])
        return format_html('<a href="{}">{}</a>', address, poll.store.store_id)


@admin.register(Ingestion)
class IngestionAdmin(ReadOnlyAdmin):
    """What came in, and what of it was refused."""

    list_display = ["name", "feed", "status", "started", "read", "new", "rejected"]
    list_filter = ["status", "feed"]
    search_fields = ["name", "sha256"]
    search_help_text = "Part of a file's name, or its SHA-256."
    show_facets = admin.ShowFacets.NEVER
    fields = [
        "name",
        "feed",
        "status",
        "progress_text",
        "attempts",
        "error",
        "rows_read",
        "rows_new",
        "rows_changed",
        "rows_repeated",
        "rows_superseded",
        "rows_removed",
        "rejected",
        "requested_by",
        "started",
        "took",
        "size_text",
        "sha256",
    ]

    class Media:
        css = {"all": ["ingestion/admin.css"]}

    @admin.display(description="progress")
    def progress_text(self, ingestion: Ingestion) -> str:
        """Return the phase and how much of it is done."""
        progress = ingestion.progress
        percent = NONE if progress["percent"] is None else f"{progress['percent']} %"
        return f"{progress['phase']}, {percent}"

    @admin.display(description="started (UTC)", ordering="started_at")
    def started(self, ingestion: Ingestion) -> str:
        """Return the instant it began."""
        return utc(ingestion.started_at)

    @admin.display(description="took")
    def took(self, ingestion: Ingestion) -> str:
        """Return how long it took."""
        return duration(ingestion.started_at, ingestion.finished_at)

    @admin.display(description="size")
    def size_text(self, ingestion: Ingestion) -> str:
        """Return the size of the file as sent."""
        return size(ingestion.size)

    @admin.display(description="read", ordering="rows_read")
    def read(self, ingestion: Ingestion) -> str:
        """Return how many rows the file has."""
        return f"{ingestion.rows_read:,}"

    @admin.display(description="new", ordering="rows_new")
    def new(self, ingestion: Ingestion) -> str:
        """Return how many were not known before."""
        return f"{ingestion.rows_new:,}"

    @admin.display(description="rejected", ordering="rows_rejected")
    def rejected(self, ingestion: Ingestion) -> "SafeString | str":
        """Return how many were refused, leading to which and why."""
        if not ingestion.rejects:
            return f"{ingestion.rows_rejected:,}"
        address = reverse("ingestion-rejects", args=[ingestion.pk])
        return format_html('<a href="{}">{}</a>', address, f"{ingestion.rows_rejected:,}")
