"""Targets in the admin."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from backoffice.formatting import utc
from backoffice.suggesting import Suggesting
from fleet.models import Tag
from targets import services
from targets.models import Target
from uptime.targets.target import FLEET, TAG

if TYPE_CHECKING:
    from django.http import HttpRequest

_CHOSEN = ("name", "scope", "percentage", "windows")


class ScopeInput(Suggesting):
    """Suggests the fleet and every tag."""

    @staticmethod
    def suggestions() -> list[str]:
        return [FLEET, *(f"{TAG}{name}" for name in Tag.objects.values_list("name", flat=True))]


class TargetForm(forms.ModelForm):  # type: ignore[type-arg]
    """Windows are one text with commas."""

    windows = forms.CharField(
        help_text="Such as 7d, 30d, or today, this-week, this-month, yesterday, last-week,"
        " last-month; with commas."
    )

    class Meta:
        model = Target
        fields = _CHOSEN
        widgets = {"scope": ScopeInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        target: Target | None = kwargs.get("instance")
        if target is not None:
            said = {"windows": ", ".join(target.windows)}
            kwargs["initial"] = {**said, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)

    def clean_windows(self) -> list[str]:
        return [text.strip() for text in self.cleaned_data["windows"].split(",")]

    def clean(self) -> dict[str, Any]:
        """Check the values together, as the API does."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            return services.check_target(cleaned, pk=self.instance.pk)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self.add_error(name, messages)
            return cleaned


@admin.register(Target)
class TargetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Targets."""

    form = TargetForm
    list_display = ["name", "scope", "percentage", "in_windows"]
    search_fields = ["name", "scope"]
    show_facets = admin.ShowFacets.NEVER
    add_fieldsets: ClassVar[Any] = [(None, {"fields": _CHOSEN})]
    fieldsets: ClassVar[Any] = [*add_fieldsets, ("Origin", {"fields": ["created", "created_by"]})]
    readonly_fields = ("created", "created_by")

    def get_fieldsets(self, request: "HttpRequest", obj: Target | None = None) -> Any:
        """Return the editable fields, and the origin of an existing target."""
        return self.fieldsets if obj else self.add_fieldsets

    def save_model(self, request: "HttpRequest", obj: Target, form: Any, change: bool) -> None:
        """Save a target."""
        values = {name: getattr(obj, name) for name in _CHOSEN}
        if change:
            services.change_target(obj, **values)
            return
        made = services.create_target(created_by=request.user.get_username(), **values)
        # Django links to it and logs it.
        obj.pk = made.pk

    @admin.display(description="windows")
    def in_windows(self, target: Target) -> str:
        return ", ".join(target.windows)

    @admin.display(description="created (UTC)", ordering="created_at")
    def created(self, target: Target) -> str:
        return utc(target.created_at)
