"""The admin form of a special day, checked like in the feed and the API."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from backoffice.suggesting import Suggesting
from feeds import naming
from feeds.values import BadValue
from fleet.models import SpecialDay, Tag
from fleet.special_days.editing import Times, contradiction
from fleet.special_days.scopes import (
    FLEET,
    SCOPE_PATTERN,
    Scope,
    UnknownScope,
    parse_scope,
    scope_of,
)
from stores.backoffice.admin_filters import TAGS_OFFERED


class ScopeInput(Suggesting):
    """Suggests the fleet and the first tags."""

    @staticmethod
    def suggestions() -> list[str]:
        names = Tag.objects.values_list("name", flat=True)[:TAGS_OFFERED]
        return [FLEET, *(f"tag:{name}" for name in names)]


class ScopeField(forms.CharField):
    """``fleet``, ``tag:NAME`` or ``store:ID``."""

    def __init__(self, **options: Any) -> None:
        said = "fleet, tag:NAME or store:ID."
        super().__init__(max_length=106, widget=ScopeInput, help_text=said, **options)

    def clean(self, value: Any) -> Scope:
        """Return the scope; ValidationError if there is none of that name."""
        text = super().clean(value)
        if re.fullmatch(SCOPE_PATTERN, text) is None:
            raise ValidationError("Write fleet, tag:NAME or store:ID.")
        try:
            return parse_scope(text)
        except UnknownScope as error:
            raise ValidationError(str(error)) from error


class SpecialDayForm(forms.ModelForm):  # type: ignore[type-arg]
    """One row; the scope of an existing one stays."""

    scope = ScopeField()

    class Meta:
        model = SpecialDay
        fields = ["date", "opens", "closes", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields.pop("scope", None)

    def clean_reason(self) -> str:
        try:
            return naming.reason(self.cleaned_data["reason"])
        except BadValue as error:
            raise ValidationError(capfirst(f"{error}.")) from error

    def clean(self) -> dict[str, Any]:
        """Refuse what contradicts another row of the scope and date."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        times = self.times
        is_whole = times and (times.opens is None) == (times.closes is None)
        scope = scope_of(self.instance) if self.instance.pk else cleaned.get("scope")
        if times and is_whole and scope is not None and not self.errors:
            reason = contradiction(scope, times, but=self.instance.pk)
            if reason:
                raise ValidationError(capfirst(reason))
        return cleaned

    @property
    def times(self) -> Times | None:
        """The values of the row; None without a date."""
        said = self.cleaned_data
        if said.get("date") is None:
            return None
        return Times(said["date"], said.get("opens"), said.get("closes"), said.get("reason", ""))
