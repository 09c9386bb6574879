"""The admin site: Django's own, with a home page that shows the system's status."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import re_path, reverse

from access.lockout.failures import note_failure
from access.lockout.guard import login_refused, waiting
from storemonitor.operations.home import home

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.template.response import TemplateResponse
    from django.urls import URLPattern, URLResolver


class OperatorSite(AdminSite):
    """The admin site."""

    site_header = "Store Monitoring"
    site_title = "Store Monitoring"
    index_title = "System status"
    index_template = "admin/home.html"

    def get_urls(self) -> "list[URLPattern | URLResolver]":
        """Return the addresses of all pages, and of those that have moved."""
        moved = re_path(r"^ingestion/(?P<page>(?:store|pollrecord)/.*)$", _moved_to_fleet)
        return [moved, *super().get_urls()]

    def login(
        self, request: "HttpRequest", extra_context: dict[str, Any] | None = None
    ) -> "HttpResponse":
        """Show the form or log in; 429 after too many attempts from the address.

        With single sign-on the form is the dashboard's, which offers both.
        """
        if settings.OIDC_PROVIDER and request.method == "GET" and not self.has_permission(request):
            wanted = {"next": request.GET.get("next") or reverse("admin:index")}
            return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode(wanted)}")
        refused = _refused(request, request.POST.get("username", ""))
        return refused or super().login(request, extra_context)

    def password_change(  # type: ignore[override]
        self, request: "HttpRequest", extra_context: dict[str, Any] | None = None
    ) -> "HttpResponse":
        """Change one's own password. A wrong old one counts as a failed log-in.

        A stranger at an open session must not be able to guess the password in it.
        """
        name = request.user.get_username()
        if refused := _refused(request, name):
            return refused
        response = super().password_change(request, extra_context)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if form is not None and "old_password" in form.errors:
            note_failure(request, name)
        return response

    def index(
        self, request: "HttpRequest", extra_context: dict[str, Any] | None = None
    ) -> "TemplateResponse":
        return super().index(request, {"home": home(request.user), **(extra_context or {})})


def _refused(request: "HttpRequest", name: str) -> HttpResponse | None:
    """Return the answer to one attempt too many at a password; None if it may be tried."""
    seconds = login_refused(request, name) if request.method == "POST" else 0
    if not seconds:
        return None
    said = f"Too many log-in attempts. Try again in {waiting(seconds)}."
    headers = {"Retry-After": str(seconds)}
    return HttpResponse(said, "text/plain", 429, headers=headers)


def _moved_to_fleet(request: "HttpRequest", page: str) -> HttpResponsePermanentRedirect:
    """Redirect old addresses of stores and polls, which once belonged to ``ingestion``.

    Method and body are kept: a form that was open during the upgrade is saved.
    """
    query = request.META["QUERY_STRING"]
    address = f"{reverse('admin:index')}fleet/{page}"
    address = f"{address}?{query}" if query else address
    return HttpResponsePermanentRedirect(address, preserve_request=True)
