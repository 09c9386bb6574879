"""The settings of a store that may be edited in place: name, tags, zone, business hours."""

from collections.abc import Iterator
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from fleet.editing import Opening, Settings
from fleet.models import BusinessHours, Store
from stores.backoffice.admin_form import StoreForm

_BETWEEN, _DASHES = ",", ("\N{EN DASH}", "-")


class EditForm(StoreForm):
    """The admin's form of a store, with one line of hours for each weekday."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given: dict[int, list[str]] = {number: [] for number in range(7)}
        for row in _rows(self.instance):
            given[row.weekday].append(f"{row.opens:%H:%M}-{row.closes:%H:%M}")
        self.exact = all(_is_whole(row) for row in _rows(self.instance))
        for number, label in BusinessHours.Weekday.choices:
            self.fields[f"day{number}"] = forms.CharField(
                label=label, required=False, disabled=not self.exact, max_length=200
            )
            self.initial[f"day{number}"] = ", ".join(given[number])

    def days(self) -> list[Any]:
        """Return the bound fields of the weekdays."""
        return [self[f"day{number}"] for number in range(7)]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for number in range(7):
            try:
                cleaned[f"hours{number}"] = list(_openings(number, cleaned.get(f"day{number}", "")))
            except ValidationError as error:
                self.add_error(f"day{number}", error)
        return cleaned

    def settings(self) -> Settings:
        """Return what ``edit_store`` takes; hours only if they were changed."""
        settings = super().settings()
        if self.exact and any(name.startswith("day") for name in self.changed_data):
            settings["business_hours"] = [
                opening for number in range(7) for opening in self.cleaned_data[f"hours{number}"]
            ]
        return settings


def _rows(store: Store) -> Any:
    return sorted(store.business_hours.all(), key=lambda row: (row.weekday, row.opens, row.closes))


def _is_whole(row: BusinessHours) -> bool:
    """Return whether whole minutes say it all; others are edited in the admin."""
    return not any(at.second or at.microsecond for at in (row.opens, row.closes))


def _openings(weekday: int, text: str) -> Iterator[Opening]:
    for part in filter(None, (piece.strip() for piece in text.split(_BETWEEN))):
        opens, _, closes = part.replace(*_DASHES).partition("-")
        try:
            yield Opening(weekday, _time(opens), _time(closes))
        except ValueError as error:
            raise ValidationError(f"{part!r} is not an opening such as 09:00-17:30.") from error


def _time(text: str) -> time:
    hour, _, minute = text.strip().partition(":")
    if hour == "24" and minute == "00":
        return time(23, 59)  # Midnight, in the feeds' way of writing it.
    return time(int(hour), int(minute))
