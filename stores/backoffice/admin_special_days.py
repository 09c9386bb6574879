"""Special days in the admin: those of stores, tags and the fleet."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import OperationalError, models
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from backoffice.formatting import utc
from fleet.models import SpecialDay
from fleet.special_days.editing import (
    Conflict,
    add_special_day,
    change_special_day,
    delete_special_day,
    delete_special_days,
)
from fleet.special_days.scopes import UnknownScope, scope_of
from stores.backoffice.admin_actions import BUSY
from stores.backoffice.admin_form import WallTimeInput
from stores.backoffice.admin_proposals import ProposesHolidays
from stores.backoffice.admin_special_day_form import SpecialDayForm
from stores.special_days import hours_of

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString


class KindFilter(admin.SimpleListFilter):
    """Whose the rows are."""

    title = "whose"
    parameter_name = "kind"

    def lookups(self, request: "HttpRequest", model_admin: Any) -> list[tuple[str, str]]:
        return [("fleet", "The whole fleet"), ("tag", "A tag"), ("store", "One store")]

    def queryset(
        self, request: "HttpRequest", queryset: "QuerySet[SpecialDay]"
    ) -> "QuerySet[SpecialDay] | None":
        match self.value():
            case "fleet":
                return queryset.filter(store=None, tag=None)
            case "tag":
                return queryset.filter(tag__isnull=False)
            case "store":
                return queryset.filter(store__isnull=False)
        return queryset


@admin.register(SpecialDay)
class SpecialDayAdmin(ProposesHolidays):
    """Special days, the latest first."""

    form = SpecialDayForm
    list_display = ["date", "weekday", "whose", "hours", "reason", "made_by"]
    list_filter = [KindFilter]
    list_select_related = ["store", "tag"]
    ordering = ["-date", "-id"]
    sortable_by = ["date"]
    date_hierarchy = "date"
    search_fields = ["reason", "tag__name__exact", "store__store_id__exact"]
    search_help_text = "Text in the reason, or a whole tag or store id."
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    list_per_page = 50
    formfield_overrides = {models.TimeField: {"widget": WallTimeInput}}
    add_fields = ["scope", "date", "opens", "closes", "reason"]
    fields = ["whose", *add_fields[1:], "made_by", "made"]
    readonly_fields = ["whose", "made_by", "made"]

    def get_fields(self, request: "HttpRequest", obj: SpecialDay | None = None) -> Any:
        """Return the scope as an input for a new row only."""
        return self.fields if obj else self.add_fields

    def changeform_view(self, request: "HttpRequest", *args: Any, **kwargs: Any) -> "HttpResponse":
        """Show the form or save it; what changed since the form was checked is told above it."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (Conflict, UnknownScope, SpecialDay.DoesNotExist) as error:
            self.message_user(request, str(error), messages.ERROR)
        except OperationalError:
            if request.method != "POST":
                raise
            self.message_user(request, BUSY, messages.ERROR)
        return HttpResponseRedirect(request.path)

    def save_model(self, request: "HttpRequest", obj: SpecialDay, form: Any, change: bool) -> None:
        """Write the row between two ingestions."""
        times = form.times
        if change:
            change_special_day(obj.pk, vars(times))
            return
        scope = str(form.cleaned_data["scope"])
        made, _ = add_special_day(scope, times, made_by=request.user.get_username())
        obj.pk = made.pk

    def delete_model(self, request: "HttpRequest", obj: SpecialDay) -> None:
        delete_special_day(obj.pk)

    def delete_queryset(self, request: "HttpRequest", queryset: "QuerySet[SpecialDay]") -> None:
        delete_special_days(list(queryset.values_list("pk", flat=True)))

    @admin.display(description="weekday")
    def weekday(self, day: SpecialDay) -> str:
        return f"{day.date:%A}"

    @admin.display(description="hours")
    def hours(self, day: SpecialDay) -> str:
        return hours_of(day)

    @admin.display(description="whose")
    def whose(self, day: SpecialDay) -> "SafeString | str":
        """Return the scope; that of a store leads to its page."""
        scope = str(scope_of(day))
        if day.store_id is None:
            return scope
        address = reverse("admin:fleet_store_change", args=[day.store_id])
        return format_html('<a href="{}">{}</a>', address, scope)

    @admin.display(description="made (UTC)")
    def made(self, day: SpecialDay) -> str:
        return utc(day.made_at)
