"""What the admin shows of things that happened."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin

if TYPE_CHECKING:
    from django.http import HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows what happened; changing it would forge history."""

    def has_add_permission(self, request: "HttpRequest") -> bool:
        """Refuse: nobody adds a record by hand."""
        return False

    def has_change_permission(self, request: "HttpRequest", obj: Any = None) -> bool:
        """Refuse: what happened stays."""
        return False

    def has_delete_permission(self, request: "HttpRequest", obj: Any = None) -> bool:
        """Refuse: what happened stays."""
        return False
