"""Admin actions on many stores, each with set-based statements."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import OperationalError
from django.template.response import TemplateResponse

from feeds.values import BadValue
from feeds.zones import known_time_zones
from fleet.bulk_editing import add_tag, remove_tag, set_time_zone
from fleet.editing import delete_stores
from reports.request.requesting import NoPolls, TooManyUnfinished
from reports.request.starting import NotQueued, start_report
from reports.request.unusable import UnusableParameter

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from fleet.models import Store

BUSY = "Ingestion is busy storing; nothing was changed. Try again in a moment."


class BulkActions(admin.ModelAdmin):  # type: ignore[type-arg]
    """Actions on the stores chosen in the list; ``value`` is the input next to the action."""

    actions = ["report_on", "set_zone", "tag", "untag", "delete_chosen"]

    @admin.action(description="Request a report on these", permissions=["report"])
    def report_on(self, request: "HttpRequest", queryset: "QuerySet[Store]") -> None:
        """Start a report on the chosen stores, with the usual windows."""
        ids = list(queryset.values_list("store_id", flat=True))
        try:
            report = start_report(requested_by=request.user.get_username(), stores={"ids": ids})
        except (NoPolls, NotQueued, TooManyUnfinished, UnusableParameter) as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        self.message_user(request, f"Requested {report} on {len(ids):,} stores.")

    @admin.action(description="Set the time zone to ...", permissions=["change"])
    def set_zone(self, request: "HttpRequest", queryset: "QuerySet[Store]") -> None:
        """Set the time zone of the chosen stores; an empty input removes it."""
        zone = request.POST.get("value", "").strip()
        if zone and zone not in known_time_zones():
            self.message_user(request, f"{zone!r} is not a known time zone.", messages.ERROR)
            return
        self._change(
            request,
            queryset,
            lambda keys: set_time_zone(keys, zone or None),
            lambda count: f"Set the time zone of {count:,} stores to {zone or 'none'}.",
        )

    @admin.action(description="Add the tag ...", permissions=["change"])
    def tag(self, request: "HttpRequest", queryset: "QuerySet[Store]") -> None:
        """Add the tag in the input to the chosen stores."""
        name = request.POST.get("value", "")
        self._change(
            request,
            queryset,
            lambda keys: add_tag(keys, name),
            lambda count: f"Added the tag {name.strip()} to {count:,} stores.",
        )

    @admin.action(description="Remove the tag ...", permissions=["change"])
    def untag(self, request: "HttpRequest", queryset: "QuerySet[Store]") -> None:
        """Remove the tag in the input from the chosen stores."""
        name = request.POST.get("value", "")
        self._change(
            request,
            queryset,
            lambda keys: remove_tag(keys, name),
            lambda count: f"Removed the tag {name.strip()} from {count:,} stores.",
        )

    @admin.action(description="Delete, with their polls and hours", permissions=["delete"])
    def delete_chosen(
        self, request: "HttpRequest", queryset: "QuerySet[Store]"
    ) -> "HttpResponse | None":
        """Delete the chosen stores, after a confirmation."""
        if request.POST.get("confirmed"):
            self._change(
                request,
                queryset,
                lambda keys: delete_stores(keys).stores,
                lambda count: f"Deleted {count:,} stores, with their polls and business hours.",
            )
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": "Delete stores",
            "opts": self.opts,
            "count": queryset.count(),
            "some": queryset[:10],
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/fleet/store/delete_chosen.html", context)

    def has_report_permission(self, request: "HttpRequest") -> bool:
        return bool(request.user.has_perm("reports.add_report"))

    def _change(
        self,
        request: "HttpRequest",
        queryset: "QuerySet[Store]",
        change: Callable[[Sequence[int]], int],
        said: Callable[[int], str],
    ) -> None:
        """Change the chosen stores, and show how many were changed or why none was."""
        keys = list(queryset.order_by().values_list("key", flat=True))
        try:
            count = change(keys)
        except BadValue as error:
            self.message_user(request, f"The tag {error}.", messages.ERROR)
        except OperationalError:
            self.message_user(request, BUSY, messages.ERROR)
        else:
            self.message_user(request, said(count))
