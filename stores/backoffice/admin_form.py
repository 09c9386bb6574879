"""The editable fields of a store, checked like in the feeds and the API."""

from datetime import time
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.widgets import AdminTimeWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst

from backoffice.suggesting import TimeZoneInput
from feeds import naming
from feeds.values import BadValue
from feeds.zones import known_time_zones
from fleet.editing import Settings, state
from fleet.models import BusinessHours, Store
from uptime.open_time.zones import DEFAULT_TIME_ZONE


class StoreForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, tags and time zone of a store; its hours have their own forms."""

    name = forms.CharField(required=False, help_text="A name for people.")
    tag_names = forms.CharField(
        label="Tags", required=False, help_text='Separated by ";", such as airport; 24h.'
    )
    zone = forms.CharField(
        label="Time zone",
        required=False,
        widget=TimeZoneInput,
        help_text=f"Such as Europe/Berlin. Empty: {DEFAULT_TIME_ZONE}.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Store
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        store: Store = self.instance
        self.initial = {
            "name": store.name,
            "tag_names": "; ".join(tag.name for tag in store.tags.all()),
            "zone": store.time_zone_id or "",
            "seen": state(store),
        }

    def clean_name(self) -> str:
        name: str = _checked(naming.store_name, self.cleaned_data["name"])
        return name

    def clean_tag_names(self) -> list[str]:
        given: str = self.cleaned_data["tag_names"]
        texts = [text for text in given.split(naming.BETWEEN_TAGS) if text.strip()]
        return list(_checked(naming.distinct_tags, texts))

    def clean_zone(self) -> str:
        """Return the name of a zone, or "". Raises ValidationError."""
        zone: str = self.cleaned_data["zone"].strip()
        if zone and zone not in known_time_zones():
            raise ValidationError(f"{zone!r} is not a known time zone.")
        return zone

    def clean_seen(self) -> str:
        """Return the state that the page showed; ValidationError if it has changed since."""
        seen: str = self.cleaned_data["seen"]
        if seen != self.initial["seen"]:
            raise ValidationError(
                "This store was changed since you opened the page. Open it again."
            )
        return seen

    def settings(self) -> Settings:
        """Return what ``edit_store`` takes, without business hours."""
        cleaned = self.cleaned_data
        return Settings(
            name=cleaned["name"], tags=cleaned["tag_names"], time_zone=cleaned["zone"] or None
        )


class NamedBoxes(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Table rows whose inputs have labels for users who do not see the column heads."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add the extra fields of each row, then the labels."""
        super().add_fields(form, index)
        for field in form.fields.values():
            field.widget.attrs["aria-label"] = capfirst(field.label)


class WallTimeInput(AdminTimeWidget):
    """A wall time to the microsecond; Django's widget would cut it to whole seconds."""

    supports_microseconds = True

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if isinstance(value, time) else super().format_value(value)


class BusinessHoursInline(admin.TabularInline):  # type: ignore[type-arg]
    """The hours of one store; the next business hours file with this store replaces them."""

    model = BusinessHours
    formset = NamedBoxes
    formfield_overrides = {models.TimeField: {"widget": WallTimeInput}}
    extra = 1


class StoreActionForm(ActionForm):
    """An action, with the extra input that some of them need."""

    value = forms.CharField(
        required=False, label="Tag or zone:", widget=forms.TextInput(attrs={"size": 14})
    )


def _checked(check: Any, given: Any) -> Any:
    try:
        return check(given)
    except BadValue as error:
        raise ValidationError(capfirst(f"{error}.")) from error
