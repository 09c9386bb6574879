"""What surrounds every request: the record of its change, and the limits in its answer."""

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from django.urls import reverse

from access.audit import record
from access.models import AuditEntry
from api.senders import address, sender

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


class Accounts:
    """Records each successful change, and tells senders what is left of their limit.

    A view may add to the record by ``request.audit_detail``, a mapping without secrets; in the
    admin that also marks a change whose answer is a page.
    """

    def __init__(self, get_response: "Callable[[HttpRequest], HttpResponse]") -> None:
        self._get_response = get_response

    def __call__(self, request: "HttpRequest") -> "HttpResponse":
        """Answer the request."""
        # Whoever logs out is known only before.
        person = sender(request) if request.method in UNSAFE and _has_session(request) else ""
        response = self._get_response(request)
        standing = getattr(request, "rate_limit", None)
        if standing is not None:
            for name, value in standing.headers().items():
                response.headers[name] = value
        if request.method in UNSAFE and _is_change(request, response):
            _record(request, response, person)
        return response


def _has_session(request: "HttpRequest") -> bool:
    return bool(request.session.session_key) and request.user.is_authenticated


def _in_admin(request: "HttpRequest") -> bool:
    return request.path.startswith(reverse("admin:index"))


def _is_change(request: "HttpRequest", response: "HttpResponse") -> bool:
    """Return whether the request was granted; a page of the admin is a form shown again."""
    if response.status_code >= 400:
        return False
    page = response.headers.get("Content-Type", "").startswith("text/html")
    return hasattr(request, "audit_detail") or not (
        _in_admin(request) and page and response.status_code == 200
    )


def _record(request: "HttpRequest", response: "HttpResponse", person: str) -> None:
    user = getattr(request, "user", None)
    record(
        who=sender(request)
        if user is not None and user.is_authenticated
        else person or sender(request),
        how=AuditEntry.How.ADMIN if _in_admin(request) else AuditEntry.How.API,
        what=f"{request.method} {quote(request.path)}",
        outcome=_outcome(response),
        address=address(request),
        detail={**_chosen(request), **getattr(request, "audit_detail", {})},
    )


def _outcome(response: "HttpResponse") -> str:
    """Return the status, and the path that the answer leads to."""
    leads_to = urlsplit(response.headers.get("Location", "")).path
    return f"{response.status_code} {leads_to}".rstrip()


def _chosen(request: "HttpRequest") -> dict[str, Any]:
    """Return the action of a list in the admin and the rows it was for."""
    if not _in_admin(request) or "_selected_action" not in request.POST:
        return {}
    chosen = request.POST.getlist("_selected_action")
    return {"action": request.POST.get("action", ""), "rows": chosen[:20], "count": len(chosen)}
