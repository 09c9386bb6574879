"""The progress of a report over HTTP, as it happens."""

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, StreamingHttpResponse

from access.presence import still_may
from access.scopes import READ
from api.views import Endpoints
from reports.http import MOST_LISTENERS, files_schema, schema
from reports.http.events.stream import Stream, event_id, is_finished
from reports.http.events.watch import places
from reports.http.lookup import NO_REPORT, report_named
from reports.http.problems import TooManyListeners
from reports.http.renderers import StreamedRenderer
from reports.http.serializers import ReportSerializer
from reports.models import Report

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

_MEDIA_TYPE = "text/event-stream"
# Proxies that buffer answers, for example to compress them, would delay events.
_HEADERS = {
    "Content-Type": _MEDIA_TYPE,
    "Cache-Control": "no-transform",
    "X-Accel-Buffering": "no",
}


class EventRenderer(StreamedRenderer):
    """Represents server-sent events."""

    media_type = _MEDIA_TYPE
    format = "events"
    charset = None


class ReportEventSerializer(ReportSerializer):
    """The content of an event: a part of the report as a resource."""

    class Meta(ReportSerializer.Meta):
        fields = ["id", "status", "progress", "error", "row_count", "url", "download"]
        read_only_fields = fields


class EventViewSet(Endpoints[Report]):
    """GET .../events/."""

    tag = schema.TAG
    missing = NO_REPORT
    queryset = Report.objects.all()
    serializer_class = ReportEventSerializer
    renderer_classes = [EventRenderer]

    @files_schema.reports_events
    def listen(self, request: "Request", report_id: str) -> "HttpResponseBase":
        """Send events until the report ends; 204 for a listener that has had the last one."""
        report = report_named(report_id)
        told = request.headers.get("Last-Event-ID", "")
        if is_finished(report) and told == event_id(report):
            return HttpResponse(status=204)  # Makes a browser's EventSource stop.
        if request.method == "HEAD":
            return StreamingHttpResponse((), headers=_HEADERS)
        if not places.take(MOST_LISTENERS):
            raise TooManyListeners(headers={"Retry-After": "5"})
        stream = Stream(
            report, told=told, describe=self._described, allowed=lambda: still_may(request, READ)
        )
        return StreamingHttpResponse(stream, headers=_HEADERS)

    def _described(self, report: Report) -> dict[str, Any]:
        return dict(self.get_serializer(report).data)
