"""Text inputs with suggestions, which need no script and are fast with hundreds of them."""

from typing import Any

from django import forms

from feeds.zones import known_time_zones


class Suggesting(forms.TextInput):
    """A text input with suggestions; other values may be typed.

    ``suggestions`` is a list of texts, or a function that returns one.
    """

    template_name = "admin/suggesting.html"
    suggestions: Any = ()

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        attrs = {**(attrs or {}), "list": f"{name}-suggestions"}
        context: dict[str, Any] = super().get_context(name, value, attrs)
        given = self.suggestions() if callable(self.suggestions) else self.suggestions
        return {**context, "list_id": f"{name}-suggestions", "suggestions": given}


class TimeZoneInput(Suggesting):
    """Suggests every time zone."""

    suggestions = staticmethod(known_time_zones)
