"""Whether a request may do what it asks for.

A view says in ``scopes`` what its actions need, as plain text; an action that it does not name
needs ``read`` where the method changes nothing, else ``admin``.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS, BasePermission

from access.scopes import ADMIN, READ, allowed_by

if TYPE_CHECKING:
    from rest_framework.request import Request


class HasScope(BasePermission):
    """The sender has the scope that the view needs."""

    def has_permission(self, request: "Request", view: Any) -> bool:
        """Compare the scopes of the sender with what the view needs."""
        return needed(request, view) in granted(request)


def granted(request: "Request") -> frozenset[str]:
    """Return what the sender of a request may do."""
    return allowed_by(getattr(request.user, "scopes", settings.ANONYMOUS_SCOPES))


def needed(request: "Request", view: Any) -> str:
    """Return the scope that this request to a view needs.

    A method that the view does not have needs ``read``: the answer to it is 405.
    """
    action = getattr(view, "action", (request.method or "").lower())
    if action is None:
        return READ
    by_method = READ if request.method in SAFE_METHODS else ADMIN
    scopes: dict[str, str] = getattr(view, "scopes", {})
    return scopes.get(action, by_method)
