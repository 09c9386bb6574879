"""Boxes of text with suggestions, which need no script and are quick with hundreds of them."""

from typing import Any

from django import forms

from feeds.zones import known_time_zones


class Suggesting(forms.TextInput):
    """A line of text with suggestions; anything else may be typed.

    ``suggestions`` are texts, or what returns them.
    """

    template_name = "admin/suggesting.html"
    suggestions: Any = ()

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return what the template needs, the list of suggestions and its id included."""
        attrs = {**(attrs or {}), "list": f"{name}-suggestions"}
        context: dict[str, Any] = super().get_context(name, value, attrs)
        given = self.suggestions() if callable(self.suggestions) else self.suggestions
        return {**context, "list_id": f"{name}-suggestions", "suggestions": given}


class TimeZoneInput(Suggesting):
    """Suggests every time zone there is."""

    suggestions = staticmethod(known_time_zones)
