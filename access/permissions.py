"""Whether a request is allowed.

A view maps its actions to scopes in ``scopes``. Actions it does not list need ``read`` for safe
methods, else ``admin``.
"""

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS, BasePermission

from access.authentication import TokenUser
from access.limits.rates import count_refused
from access.problems import MissingScope, NotAuthenticated
from access.scopes import ADMIN, READ, SCOPES, allowed_by
from api.errors.problems import CsrfFailed
from api.senders import sender

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

logger = logging.getLogger(__name__)


class HasScope(BasePermission):
    """The sender has the scope that the view needs."""

    def has_permission(self, request: "Request", view: Any) -> bool:
        """Return True; raises NotAuthenticated, MissingScope or CsrfFailed."""
        _check_origin(request)
        require(request, needed(request, view))
        return True


def require(request: "Request", scope: str) -> None:
    """Raise NotAuthenticated or MissingScope if the sender lacks the scope."""
    if scope in granted(request):
        return
    count_refused(request)
    logger.warning(
        "refused %s %s to %s: needs the scope %s",
        request.method,
        quote(request.path),
        sender(request),
        scope,
    )
    raise MissingScope(scope) if request.user.is_authenticated else NotAuthenticated


def granted(request: "Request | HttpRequest") -> frozenset[str]:
    """Return the sender's scopes: a token's own, otherwise the anonymous ones plus the user's."""
    user: Any = request.user
    if isinstance(user, TokenUser):
        return user.token.allows
    own = SCOPES if user.is_authenticated else ()
    permitted = (scope for scope in own if user.has_perm(f"access.scope_{scope}"))
    return allowed_by([*permitted, *settings.ANONYMOUS_SCOPES])


def needed(request: "Request", view: Any) -> str:
    """Return the scope that this request needs."""
    action = getattr(view, "action", (request.method or "").lower())
    by_method = READ if request.method in SAFE_METHODS else ADMIN
    scopes: dict[str, str] = getattr(view, "scopes", {})
    return scopes.get(action, by_method)


def _check_origin(request: "Request") -> None:
    """Raise CsrfFailed for a change without credentials that another site's page asks for.

    If anonymous requests may change things, a page open on this machine could send one.
    """
    origin = request.headers.get("Origin")
    if origin is None or request.method in SAFE_METHODS or request.user.is_authenticated:
        return
    # Compared as text: parsing a made-up address can fail.
    is_ours = origin.partition("://")[2] == request.get_host()
    if not is_ours and origin not in settings.CSRF_TRUSTED_ORIGINS:
        raise CsrfFailed("The request comes from another site's page.")
