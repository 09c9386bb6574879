"""The admin page on which public holidays are accepted as special days."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from fleet.models import SpecialDay
from fleet.special_days.editing import Conflict, add_special_days
from fleet.special_days.scopes import FLEET, Scope, UnknownScope
from stores.backoffice.admin_actions import BUSY
from stores.backoffice.admin_proposal_form import AcceptForm, ProposalForm

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern


class ProposesHolidays(admin.ModelAdmin):  # type: ignore[type-arg]
    """Adds the page to the admin of special days."""

    change_list_template = "admin/fleet/specialday/change_list.html"

    def get_urls(self) -> "list[URLPattern]":
        page = self.admin_site.admin_view(self.proposals_view)
        name = "fleet_specialday_proposals"
        return [path("proposals/", page, name=name), *super().get_urls()]

    def proposals_view(self, request: "HttpRequest") -> "HttpResponse":
        """Show the holidays that were asked for; add those that were ticked."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form: ProposalForm
        if request.method == "POST":
            form = AcceptForm(request.POST)
            if form.is_valid() and self._accept(request, form):
                return HttpResponseRedirect(reverse("admin:fleet_specialday_changelist"))
        else:
            usual = {"country": "US", "year": timezone.now().year, "scope": FLEET}
            form = ProposalForm(request.GET or None, initial=usual)
            form.is_valid()
        return self._page(request, form)

    def _accept(self, request: "HttpRequest", form: AcceptForm) -> bool:
        """Add the ticked days, all or none; return whether that was done."""
        scope = str(form.cleaned_data["scope"])
        try:
            count = add_special_days(scope, form.days, made_by=request.user.get_username())
        except (Conflict, UnknownScope) as error:
            form.add_error(None, f"Nothing was added: {error}")
        except OperationalError:
            form.add_error(None, BUSY)
        else:
            said = "1 special day was" if count == 1 else f"{count} special days were"
            self.message_user(request, f"{said} added for {scope}.", messages.SUCCESS)
            return True
        return False

    def _page(self, request: "HttpRequest", form: ProposalForm) -> "HttpResponse":
        proposed = getattr(form, "proposed", [])
        scope = form.cleaned_data.get("scope") if form.is_bound else None
        taken = _taken(scope, [one.date for one in proposed]) if scope is not None else set()
        ticked = form.ticked if isinstance(form, AcceptForm) else set()
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "Propose holidays",
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
            "scope": scope,
            "proposed": [
                {
                    "date": one.date,
                    "reason": one.reason,
                    "is_taken": one.date in taken,
                    "is_ticked": one.date.isoformat() in ticked,
                }
                for one in proposed
            ],
        }
        return TemplateResponse(request, "admin/fleet/specialday/proposals.html", context)


def _taken(scope: Scope, dates: "list[date]") -> "set[date]":
    """Return the dates for which the scope has rows already."""
    rows = SpecialDay.objects.filter(scope.rows, date__in=dates)
    return set(rows.order_by().values_list("date", flat=True))
