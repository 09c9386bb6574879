"""The three classic calls: POST /trigger_report, GET /get_report, GET /download_report."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404
from rest_framework.fields import BooleanField, UUIDField
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import Serializer

from access.permissions import granted, require
from api.senders import sender
from api.transfer.bodies import JSONBodyParser, body_length
from api.transfer.downloads import csv_response
from feeds.errors import UnusableFile
from ingestion.http import uploads
from ingestion.http.problems import UnusableUpload
from ingestion.http.serializers import IngestionSerializer
from ingestion.outcomes import describe_removed
from reports.exports.files import file_name
from reports.http.classic import schema
from reports.http.endpoints import ReportEndpoints, accepted, retry
from reports.http.lookup import check_complete, report_named
from reports.http.renderers import CSVRenderer
from reports.http.serializers import StatusSerializer, TriggerSerializer
from reports.models import Report
from reports.request.parameters import Parameters

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

    from ingestion.models import Ingestion


class NewestQuery(Serializer[Any]):
    """Which report; the newest by default. Other parameters are ignored, as always."""

    report_id = UUIDField(required=False, error_messages={"invalid": "must be a UUID."})


class TriggerQuery(Serializer[Any]):
    """The parameters besides a file. Other parameters are ignored, as always."""

    keep_sample = BooleanField(required=False)


class ClassicReportViewSet(ReportEndpoints):
    """POST /trigger_report, GET /get_report, GET /download_report."""

    tag = "Reports"
    takes_files = True
    parser_classes = [JSONBodyParser, *uploads.CSV_PARSERS]

    def body_limit(self) -> int:
        """Return the body limit in bytes: larger only for senders who may ingest."""
        limit: int = settings.MAX_UPLOAD_BYTES
        return limit if "ingest" in granted(self.request) else super().body_limit()

    errors_have_message = True
    scopes = {"trigger_report": "read"}
    queries = {
        "trigger_report": TriggerQuery,
        "get_report": NewestQuery,
        "download_report": NewestQuery,
    }

    def get_renderers(self) -> list[Any]:
        """Return the possible formats of an answer; only a report can be CSV."""
        if self.action == "get_report":
            return [JSONRenderer(), CSVRenderer()]
        return [JSONRenderer()]

    @schema.trigger_report
    def trigger_report(self, request: "Request") -> Response:
        """Store the file in the request, if any, and start a report on all data."""
        self.check_room()
        if _brings_a_file(request):
            require(request, "ingest")
        uploads.check_not_empty(request)
        body = TriggerSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        upload = body.validated_data.get("file")
        ingestion = self._ingest(upload) if upload else None
        stored: dict[str, Any] = {"ingestion": self._described(ingestion)} if ingestion else {}
        report = self.start(Parameters(), **stored).report
        address = f"{reverse('get_report')}?report_id={report.id}"
        answer = {
            "report_id": report.id,
            "status": Report.Status.RUNNING.value,
            "message": f"Report is being generated; follow it at {address}{_removed(ingestion)}",
        }
        return accepted({**answer, **stored}, request.build_absolute_uri(address))

    @schema.get_report
    def get_report(self, request: "Request") -> "HttpResponseBase":
        """Return the status of a report, or the report itself if CSV was asked for."""
        report = self._asked_for()
        if request.accepted_renderer.format == CSVRenderer.format:
            return self._file_of(report, inline=True)
        return Response(StatusSerializer(report).data, headers=retry(report))

    @schema.download_report
    def download_report(self, request: "Request") -> "HttpResponseBase":
        """Send the CSV as an attachment."""
        return self._file_of(self._asked_for())

    def _file_of(self, report: Report, *, inline: bool = False) -> "HttpResponseBase":
        """Stream the CSV; raises a problem if there is none."""
        check_complete(report)
        return csv_response(
            self.request,
            report.file,
            name=file_name(report),
            size=report.size,
            sha256=report.sha256,
            inline=inline,
        )

    def _asked_for(self) -> Report:
        """Return the report named in the query, or the newest."""
        report_id = self.query.get("report_id")
        if report_id is not None:
            return report_named(report_id)
        newest = Report.objects.first()
        if newest is None:
            raise Http404(schema.NO_REPORT_YET)
        return newest

    def _ingest(self, upload: Any) -> "Ingestion":
        try:
            return uploads.ingest_upload(
                upload,
                requested_by=sender(self.request),
                keep_sample=bool(self.query.get("keep_sample")),
            )
        except UnusableFile as error:
            failed = getattr(error, "ingestion", None)
            extra = {"ingestion": self._described(failed)} if failed else {}
            raise UnusableUpload(str(error), extra=extra) from error

    def _described(self, ingestion: "Ingestion") -> dict[str, Any]:
        return dict(IngestionSerializer(ingestion, context=self.get_serializer_context()).data)


def _removed(ingestion: "Ingestion | None") -> str:
    """Return a note about the removed sample, if this request removed it."""
    if ingestion is None or not ingestion.sample_stores_removed:
        return ""
    return f". {describe_removed(ingestion)}"


def _brings_a_file(request: "Request") -> bool:
    """Return whether there is data to store, without reading a body that is not JSON."""
    if not (request.content_type or "").startswith("application/json"):
        return body_length(request) > 0
    return isinstance(request.data, dict) and bool(request.data.get("file"))
