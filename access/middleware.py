"""Middleware that records the changes of each request and adds rate limits to its answer."""

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import reverse

from access.audit.recording import Recording
from access.lockout.devices import remember_device
from access.models import AuditEntry
from api.routing import leads_to_page
from api.senders import address, sender

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
NO_ANSWER = "no answer"


class Accounts:
    """Records the changes of each request, and tells senders what is left of their limit.

    A request that changes the database is recorded, whatever the answer. Other unsafe requests are
    recorded if granted. A view may add ``request.audit_detail``, a mapping without secrets.
    """

    def __init__(self, get_response: "Callable[[HttpRequest], HttpResponse]") -> None:
        self._get_response = get_response

    def __call__(self, request: "HttpRequest") -> "HttpResponse":
        recorded = request.method in UNSAFE or _returns_from_provider(request)
        response = self._recorded(request) if recorded else self._get_response(request)
        remember_device(request, response)
        standing = getattr(request, "rate_limit", None)
        if standing is not None:
            for name, value in standing.headers().items():
                response.headers[name] = value
        return response

    def _recorded(self, request: "HttpRequest") -> "HttpResponse":
        recording, outcome = _recording(request), NO_ANSWER
        try:
            with recording.watching():
                response = self._get_response(request)
            outcome = _outcome(response)
            if _is_granted(request, response):
                recording.tell()
            recording.add(_chosen(request, response) | getattr(request, "audit_detail", {}))
            return response
        finally:
            recording.finish(outcome)


def _recording(request: "HttpRequest") -> Recording:
    # After a log-out the person is unknown.
    person = sender(request) if _has_session(request) else ""
    return Recording(
        who=lambda: sender(request) if _is_known(request) or not person else person,
        how=_how(request),
        what=f"{request.method} {quote(request.path)}",
        address=address(request),
    )


def _how(request: "HttpRequest") -> AuditEntry.How:
    if _in_admin(request):
        return AuditEntry.How.ADMIN
    return AuditEntry.How.PAGE if leads_to_page(request) else AuditEntry.How.API


def _is_known(request: "HttpRequest") -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


def _has_session(request: "HttpRequest") -> bool:
    return bool(request.session.session_key) and request.user.is_authenticated


def _returns_from_provider(request: "HttpRequest") -> bool:
    """Return whether this is a log-in by a GET, which may make an account or change its groups."""
    provider = settings.OIDC_PROVIDER
    return bool(provider) and request.path == reverse("openid_connect_callback", args=[provider])


def _in_admin(request: "HttpRequest") -> bool:
    return request.path.startswith(reverse("admin:index"))


def _is_granted(request: "HttpRequest", response: "HttpResponse") -> bool:
    """Return whether the request was granted.

    It was not if a page shows its form again, or leads to the one to sign in.
    """
    if response.status_code >= 400:
        return False
    page = response.headers.get("Content-Type", "").startswith("text/html")
    is_form = page and response.status_code == 200
    return hasattr(request, "audit_detail") or not (is_form or _leads_to_sign_in(response))


def _leads_to_sign_in(response: "HttpResponse") -> bool:
    forms = {reverse("admin:login"), resolve_url(settings.LOGIN_URL)}
    return urlsplit(response.headers.get("Location", "")).path in forms


def _outcome(response: "HttpResponse") -> str:
    """Return the status, and the path of the redirect or the new resource."""
    leads_to = urlsplit(response.headers.get("Location", "")).path
    return f"{response.status_code} {leads_to}".rstrip()


def _chosen(request: "HttpRequest", response: "HttpResponse") -> dict[str, Any]:
    """Return the action chosen in an admin list, and its rows."""
    if response.status_code >= 400 or not _in_admin(request):
        return {}  # A refused body must not be read.
    if "_selected_action" not in request.POST:
        return {}
    chosen = request.POST.getlist("_selected_action")
    return {"action": request.POST.get("action", ""), "rows": chosen[:20], "count": len(chosen)}
