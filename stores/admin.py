"""Stores in the admin: search, edit, view, tag, delete."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import OperationalError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from backoffice.formatting import NONE, utc
from fleet.editing import Changed, Opening, delete_stores, edit_store
from fleet.models import Store
from fleet.polls.listing import FirstPagePaginator
from stores.backoffice.admin_actions import BUSY, BulkActions
from stores.backoffice.admin_filters import LastPolledFilter, TagFilter, TimeZoneFilter
from stores.backoffice.admin_form import BusinessHoursInline, StoreActionForm, StoreForm
from stores.backoffice.admin_special_days import SpecialDayAdmin
from stores.backoffice.store_page import shown_with
from stores.exclusions.admin import ExclusionAdmin

__all__ = ["ExclusionAdmin", "StoreAdmin"]

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse


__all__ = ["SpecialDayAdmin", "StoreAdmin"]


@admin.register(Store)
class StoreAdmin(BulkActions):
    """Stores: their name, tags, time zone and hours can be edited, their polls viewed."""

    list_display = [
        "store_id",
        "name",
        "tag_names",
        "time_zone_name",
        "last_status",
        "last_polled",
    ]
    list_filter = [
        "last_status",
        LastPolledFilter,
        TagFilter,
        TimeZoneFilter,
    ]
    search_fields = ["store_id", "name"]
    search_help_text = "Any part of an id or a name."
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    list_per_page = 50
    paginator = FirstPagePaginator
    list_max_show_all = 0
    action_form = StoreActionForm
    form = StoreForm
    fields = ["store_id", "name", "tag_names", "zone", "last_status", "last_polled", "seen"]
    readonly_fields = ["store_id", "last_status", "last_polled"]
    inlines = [BusinessHoursInline]

    def has_add_permission(self, request: "HttpRequest") -> bool:
        """Refuse: feeds and the API create stores."""
        return False

    def get_queryset(self, request: "HttpRequest") -> "QuerySet[Store]":
        return super().get_queryset(request).prefetch_related("tags")

    def get_actions(self, request: "HttpRequest") -> dict[str, Any]:
        """Return the actions without Django's own deletion, which would read every poll."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    # One store

    def change_view(
        self,
        request: "HttpRequest",
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> "HttpResponse":
        try:
            response = super().change_view(request, object_id, form_url, extra_context)
        except (OperationalError, Changed) as error:
            if isinstance(error, OperationalError) and request.method != "POST":
                raise
            text = str(error) if isinstance(error, Changed) else BUSY
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(request.path)
        if isinstance(response, TemplateResponse):
            context = response.context_data or {}
            store = context["original"]
            hours = [(row.weekday, row.opens, row.closes) for row in store.business_hours.all()]
            response.context_data = {**context, **shown_with(store, hours)}
        return response

    def save_model(self, request: "HttpRequest", obj: Store, form: Any, change: Any) -> None:
        """Do nothing: ``save_related`` saves the store with its hours."""

    def save_related(self, request: "HttpRequest", form: Any, formsets: Any, change: Any) -> None:
        """Write all changes at once, between two ingestions."""
        settings = form.settings()
        if any(formset.has_changed() for formset in formsets):
            settings["business_hours"] = [
                Opening(row["weekday"], row["opens"], row["closes"])
                for formset in formsets
                for row in formset.cleaned_data
                if row and not row.get("DELETE")
            ]
        edit_store(form.instance.store_id, settings, seen=[form.cleaned_data["seen"]])

    def construct_change_message(
        self, request: "HttpRequest", form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Return the changed fields, for the store's history."""
        named = {"tag_names": "tags", "zone": "time zone"}
        fields = [named.get(name, name) for name in form.changed_data]
        if any(formset.has_changed() for formset in formsets):
            fields.append("business hours")
        return [{"changed": {"fields": fields}}] if fields else []

    def get_deleted_objects(
        self, objs: Any, request: "HttpRequest"
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Return what is deleted with a store, in words: Django would read its every poll."""
        gone = [f"{store}, with its business hours, its tags and all its polls" for store in objs]
        missing = set() if self.has_delete_permission(request) else {"store"}
        return gone, {"stores": len(gone)}, missing, []

    def delete_model(self, request: "HttpRequest", obj: Store) -> None:
        """Delete a store with its business hours, tags and polls."""
        delete_stores([obj.pk])

    def delete_view(
        self, request: "HttpRequest", object_id: str, extra_context: Any = None
    ) -> "HttpResponse":
        try:
            return super().delete_view(request, object_id, extra_context)
        except OperationalError:
            if request.method != "POST":
                raise
            self.message_user(request, BUSY, messages.ERROR)
            return HttpResponseRedirect(reverse("admin:fleet_store_change", args=[object_id]))

    # Columns

    @admin.display(description="tags")
    def tag_names(self, store: Store) -> str:
        """Return the tags, which are read for the whole page at once."""
        return ", ".join(tag.name for tag in store.tags.all()) or NONE

    @admin.display(description="time zone", ordering="time_zone")
    def time_zone_name(self, store: Store) -> str:
        """Return the name of the zone, which is its key: no query."""
        return store.time_zone_id or NONE

    @admin.display(description="last polled (UTC)", ordering="last_polled_at")
    def last_polled(self, store: Store) -> str:
        return utc(store.last_polled_at)
