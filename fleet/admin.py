"""Polls in the admin: a list that is fast for any number of them."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from backoffice.formatting import utc
from backoffice.readonly import ReadOnlyAdmin
from fleet.models import PollRecord, Store
from fleet.polls.listing import NextPagePaginator, PollChangeList

if TYPE_CHECKING:
    from django.core.paginator import Paginator
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

RECENT_DAYS = timedelta(days=7)


@admin.register(PollRecord)
class PollAdmin(ReadOnlyAdmin):
    """Polls, newest first; fast for any number of them."""

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
        """Return the URL of the list only: the nominal key does not identify a row."""
        return [url for url in super().get_urls() if str(url.name).endswith("_changelist")]

    def get_changelist(self, request: "HttpRequest", **kwargs: Any) -> type[PollChangeList]:
        return PollChangeList

    def get_paginator(
        self, request: "HttpRequest", queryset: Any, per_page: int, *args: Any, **kwargs: Any
    ) -> "Paginator[PollRecord]":
        """Return a paginator that does not count."""
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
        return utc(poll.polled_at)

    @admin.display(description="store")
    def store_link(self, poll: PollRecord) -> "SafeString":
        """Return the store id as a link to its page."""
        address = reverse("admin:fleet_store_change", args=[poll.store_id])
        return format_html('<a href="{}">{}</a>', address, poll.store.store_id)
