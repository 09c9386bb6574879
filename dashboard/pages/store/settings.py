"""A store's name, tags, zone and hours, edited on its page by those who may."""

from collections.abc import Iterable
from datetime import time
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from access.scopes import ADMIN
from dashboard.pages.page import Page, is_partial
from fleet.editing import Changed, Opening, Settings, edit_store
from fleet.models import BusinessHours, Store
from stores.backoffice.admin_actions import BUSY
from stores.backoffice.admin_form import StoreForm

if TYPE_CHECKING:
    from django.http import HttpRequest

_CHANGED = "This store was changed since you opened the form. Open it again to see how it is now."


class SettingsForm(StoreForm):
    """The admin's form, with the hours of each weekday as text such as ``09:00-17:00``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = self.instance.business_hours.order_by("weekday", "opens", "closes")
        self._openings = [Opening(row.weekday, row.opens, row.closes) for row in rows]
        for day in BusinessHours.Weekday:
            name = f"day_{day.value}"
            self.fields[name] = forms.CharField(
                label=day.label, required=False, max_length=500, validators=[_check_day(day)]
            )
            own = [one for one in self._openings if one.weekday == day]
            self.initial[name] = text_of_openings(own)

    @property
    def days(self) -> list[Any]:
        """The fields of the weekdays."""
        return [self[f"day_{day.value}"] for day in BusinessHours.Weekday]

    def settings(self) -> Settings:
        """Return what ``edit_store`` takes."""
        wanted = super().settings()
        if any(name.startswith("day_") for name in self.changed_data):
            wanted["business_hours"] = [
                opening
                for day in BusinessHours.Weekday
                for opening in _openings(day, self.cleaned_data[f"day_{day.value}"])
            ]
        return wanted


class StoreSettingsPage(Page):
    """The form. It is put into the store's page, and is a page of its own without scripts."""

    scope = ADMIN
    section = "stores"
    template_name = "dashboard/store/settings.html"
    part = "dashboard/store/form.html"

    def get(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        store = self._store()
        if store is None:
            return self._missing()
        return self._form(store, SettingsForm(instance=store))

    def post(self, request: "HttpRequest", **_: Any) -> HttpResponse:
        """Change the store, or show what is wrong at each field."""
        store = self._store()
        return self._missing() if store is None else self._change(request, store)

    def _change(self, request: "HttpRequest", store: Store) -> HttpResponse:
        form = SettingsForm(request.POST, instance=store)
        if not form.is_valid():
            stale = "seen" in form.errors
            return self._form(store, form, _CHANGED if stale else "", 409 if stale else 200)
        try:
            edit_store(store.store_id, form.settings(), seen=[form.cleaned_data["seen"]])
        except Store.DoesNotExist:
            return self._missing()
        except Changed:
            return self._form(store, form, _CHANGED, 409)
        except OperationalError:
            return self._form(store, form, BUSY, 503)
        messages.success(request, "The settings were saved.")
        target = reverse("dashboard:store", args=[store.store_id])
        if is_partial(request):
            return HttpResponse(headers={"HX-Redirect": target})
        return HttpResponseRedirect(target)

    def _store(self) -> Store | None:
        stores = Store.objects.prefetch_related("tags")
        return stores.filter(store_id=self.kwargs["store_id"]).first()

    def _form(
        self, store: Store, form: SettingsForm, trouble: str = "", status: int = 200
    ) -> HttpResponse:
        shown = self.get_context_data(store=store, form=form, trouble=trouble)
        return self.render_to_response(shown, status=status)

    def _missing(self) -> HttpResponse:
        self.template_name, self.part = "dashboard/store/missing.html", ""
        return self.render_to_response(self.get_context_data(**self.kwargs), status=404)


def text_of_openings(openings: Iterable[Opening]) -> str:
    """Return the text of a day's openings, as the form takes it."""
    return ", ".join(f"{_text(one.opens)}-{_text(one.closes)}" for one in openings)


def _check_day(day: int) -> Any:
    def check(text: str) -> None:
        _openings(day, text)

    return check


def _openings(day: int, text: str) -> list[Opening]:
    """Return the openings of a text; ValidationError if it is none."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            opens, closes = part.split("-")
            found.append(Opening(day, _wall(opens), _closing(closes)))
        except ValueError as error:
            raise ValidationError(
                f"“{part}” is not an opening such as 09:00-17:00; put a comma between two."
            ) from error
    return found


def _wall(text: str) -> time:
    """Return a wall time without an offset; raises ValueError."""
    wall = time.fromisoformat(text.strip())
    if wall.tzinfo:
        raise ValueError(text)
    return wall


def _closing(text: str) -> time:
    """Return a wall time; at or before the opening it is on the next day, so 24:00 is 00:00."""
    return time() if text.strip() == "24:00" else _wall(text)


def _text(wall: time) -> str:
    return wall.isoformat("minutes" if not (wall.second or wall.microsecond) else "auto")
