"""The file of a report over HTTP, in the format that the URL or the request names."""

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import NotFound

from api.negotiation import Negotiation, asked_format
from api.views import Endpoints
from reports.exports.files import send_report
from reports.exports.formats import FORMATS
from reports.http import files_schema, schema
from reports.http.lookup import NO_REPORT, check_complete, report_named
from reports.http.renderers import FILE_RENDERERS
from reports.models import Report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http.response import HttpResponseBase
    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request


class FormNegotiation(Negotiation):
    """In a URL with a format's suffix, the suffix decides, not ``Accept``."""

    def select_renderer(
        self,
        request: "Request",
        renderers: "Iterable[BaseRenderer]",
        format_suffix: str | None = None,
    ) -> "tuple[BaseRenderer, str]":
        """Return the renderer and its media type; NotFound for an unknown suffix."""
        suffix = request.parser_context["kwargs"].get("suffix")
        if suffix is None:
            return super().select_renderer(request, renderers, format_suffix)
        known = {renderer.format: renderer for renderer in renderers}
        if suffix not in known:
            endings = ", ".join(f".{suffix}" for suffix in known)
            raise NotFound(f"A report is not available as .{suffix}; known: {endings}.")
        said = asked_format(request)
        [chosen] = self.filter_renderers([known[suffix]], suffix if said is None else said)
        return chosen, chosen.media_type


class DownloadViewSet(Endpoints[Report]):
    """GET .../download/ and .../download.csv."""

    tag = schema.TAG
    missing = NO_REPORT
    queryset = Report.objects.all()
    renderer_classes = FILE_RENDERERS
    content_negotiation_class = FormNegotiation

    @files_schema.reports_download
    def download(self, request: "Request", report_id: str) -> "HttpResponseBase":
        """Send the report in the format that ``Accept`` or ``format`` asks for; CSV by default."""
        return self._sent(request, report_id)

    @files_schema.reports_download_as
    def download_as(self, request: "Request", report_id: str, suffix: str) -> "HttpResponseBase":
        """Send the report in the format of that suffix."""
        return self._sent(request, report_id)

    def _sent(self, request: "Request", report_id: str) -> "HttpResponseBase":
        report = report_named(report_id)
        check_complete(report)
        renderer: Any = request.accepted_renderer
        return send_report(request, report, FORMATS[renderer.format])
