"""The admin's form of an exclusion."""

from datetime import timedelta
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from backoffice.suggesting import TimeZoneInput
from fleet.models import Exclusion, Store, Tag, TimeZone
from reports.request.parameters import text_of_gap
from uptime import parse_length

NamedT = TypeVar("NamedT", Store, Tag, TimeZone)


class ExclusionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Store, tag and time zone by name: there are too many to choose from a list."""

    store = forms.CharField(required=False, strip=False, help_text="The id of the store.")
    tag = forms.CharField(required=False)
    duration_us = forms.CharField(
        label="Duration", required=False, help_text="Such as 90m, 3h or 2d, on the local clock."
    )
    time_zone = forms.CharField(
        required=False, widget=TimeZoneInput, help_text="Such as America/Chicago."
    )

    class Meta:
        model = Exclusion
        fields = [
            "scope",
            "store",
            "tag",
            "starts_at",
            "ends_at",
            "rule",
            "first_date",
            "start_time",
            "duration_us",
            "time_zone",
            "reason",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        exclusion: Exclusion | None = kwargs.get("instance")
        if exclusion is not None and exclusion.pk:
            kwargs["initial"] = {**_as_text(exclusion), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        for name in ("starts_at", "ends_at"):
            field = self.fields[name]
            # Django's words beside the two boxes are no labels.
            for box, what in zip(
                getattr(field.widget, "widgets", ()), ("date", "time"), strict=False
            ):
                box.attrs["aria-label"] = f"{field.label}, {what}"

    def clean_store(self) -> Store | None:
        name: str = self.cleaned_data["store"]
        return _one(Store.objects.filter(store_id=name), name, "store")

    def clean_tag(self) -> Tag | None:
        name: str = self.cleaned_data["tag"]
        return _one(Tag.objects.filter(name=name), name, "tag")

    def clean_time_zone(self) -> TimeZone | None:
        name: str = self.cleaned_data["time_zone"].strip()
        return _one(TimeZone.objects.filter(name=name), name, "time zone")

    def clean_duration_us(self) -> int | None:
        """Return microseconds; ValidationError for what is no length."""
        text: str = self.cleaned_data["duration_us"].strip()
        try:
            return parse_length(text) if text else None
        except ValueError as error:
            raise ValidationError(str(error)) from error


def _one(rows: QuerySet[NamedT], name: str, what: str) -> NamedT | None:
    """Return the one row, None for no name; ValidationError if there is none."""
    if not name:
        return None
    found = rows.first()
    if found is None:
        raise ValidationError(f"There is no {what} {name!r}.")
    return found


def _as_text(exclusion: Exclusion) -> dict[str, str]:
    """Return the contents of the text inputs, by name."""
    lasting = exclusion.duration_us
    return {
        "store": exclusion.store.store_id if exclusion.store else "",
        "tag": exclusion.tag.name if exclusion.tag else "",
        "time_zone": exclusion.time_zone_id or "",
        "duration_us": text_of_gap(timedelta(microseconds=lasting)) if lasting else "",
    }
