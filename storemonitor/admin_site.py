"""The admin's site: Django's own, with a home that says how things stand."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin import AdminSite

from storemonitor.home import home

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.template.response import TemplateResponse


class OperatorSite(AdminSite):
    """The one site of the admin."""

    site_header = "Store Monitoring"
    site_title = "Store Monitoring"
    index_title = "How things stand"
    site_url = "/docs"
    index_template = "admin/home.html"

    def index(
        self, request: "HttpRequest", extra_context: dict[str, Any] | None = None
    ) -> "TemplateResponse":
        """Show the home page."""
        return super().index(request, {"home": home(request.user), **(extra_context or {})})
