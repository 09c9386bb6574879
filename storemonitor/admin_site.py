"""The admin site: Django's own, with a home page that shows the system's status."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin import AdminSite
from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.urls import re_path, reverse

from access.limits.rates import login_refused
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
        """Show the form or log in; 429 after too many attempts from the address."""
        seconds = login_refused(request) if request.method == "POST" else 0
        if seconds:
            said = f"Too many log-in attempts. Try again in {seconds} s."
            headers = {"Retry-After": str(seconds)}
            return HttpResponse(said, "text/plain", 429, headers=headers)
        return super().login(request, extra_context)

    def index(
        self, request: "HttpRequest", extra_context: dict[str, Any] | None = None
    ) -> "TemplateResponse":
        return super().index(request, {"home": home(request.user), **(extra_context or {})})


def _moved_to_fleet(request: "HttpRequest", page: str) -> HttpResponsePermanentRedirect:
    """Redirect old addresses of stores and polls, which once belonged to ``ingestion``.

    Method and body are kept: a form that was open during the upgrade is saved.
    """
    query = request.META["QUERY_STRING"]
    address = f"{reverse('admin:index')}fleet/{page}"
    address = f"{address}?{query}" if query else address
    return HttpResponsePermanentRedirect(address, preserve_request=True)
