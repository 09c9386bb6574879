"""Reports as a resource: list, create, retrieve, cancel, delete."""

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from access.permissions import require
from api.pagination import NewestFirst
from api.senders import sender
from reports.build.ending import cancel, delete_ended
from reports.http import schema
from reports.http.endpoints import ReportEndpoints, accepted, retry
from reports.http.lookup import NO_REPORT, report_named
from reports.http.problems import ReportEnded, ReportRunning
from reports.http.request_serializers import CreateSerializer, ListQuery, conditions
from reports.http.serializers import CreatedSerializer, ReportSerializer
from reports.http.stamp import StampedSerializer
from reports.models import Report, Status

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from reports.request.requesting import Requested

# Room for ten thousand store ids.
_CREATE_BYTES = 2 * 1024 * 1024
_LONGEST_KEY = 255


class NewestReportsFirst(NewestFirst):
    """Reports have no increasing number, so they are ordered by creation."""

    ordering = ("-created_at", "-id")


class ReportViewSet(ReportEndpoints):
    """Reports as a resource; their files and events have other views."""

    tag = schema.TAG
    missing = NO_REPORT
    serializer_class = ReportSerializer
    # With ``read`` one may cancel and delete one's own reports.
    scopes = {"create": "read", "cancel": "read", "destroy": "read"}
    pagination_class = NewestReportsFirst
    queries = {"list": ListQuery}

    def body_limit(self) -> int:
        return _CREATE_BYTES if self.action == "create" else super().body_limit()

    def get_queryset(self) -> "QuerySet[Report]":
        wanted = conditions(self.query)
        if wanted.get("requested_by") == "me":
            wanted["requested_by"] = sender(self.request)
        return Report.objects.filter(**wanted).defer("stamp")

    @schema.reports_list
    def list(self, request: "Request") -> Response:
        """Return one page of reports, newest first."""
        return self.page(self.get_queryset())

    @schema.reports_create
    def create(self, request: "Request") -> Response:
        """Start a report, or find the one that the same request created before."""
        body = CreateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        requested = self.start(
            body.wanted, key=_idempotency_key(request), reuse=body.validated_data["reuse"]
        )
        return self._created(requested)

    @schema.reports_retrieve
    def retrieve(self, request: "Request", report_id: str) -> Response:
        """Return one report, with its stamp."""
        report = report_named(report_id)
        said = StampedSerializer(report, context=self.get_serializer_context()).data
        return Response(said, headers=retry(report))

    @schema.reports_cancel
    def cancel(self, request: "Request", report_id: str) -> Response:
        """Cancel a report that is queued or running; repeating it does no harm."""
        report = self._own(report_id)
        cancelled = cancel(report.pk)
        report.refresh_from_db()
        if not cancelled and report.status != Status.CANCELLED:
            raise ReportEnded(f"The report is {report.status} and can no longer be cancelled.")
        return self._told(report)

    @schema.reports_destroy
    def destroy(self, request: "Request", report_id: str) -> Response:
        """Delete a report that has ended, and its file."""
        report = self._own(report_id)
        if not delete_ended(report.pk):
            raise ReportRunning("The report has not ended. Cancel it before deleting it.")
        return Response(status=204)

    def _own(self, report_id: str) -> Report:
        """Return the report if it is the sender's own or the sender has ``admin``."""
        report = report_named(report_id)
        if report.requested_by != sender(self.request):
            require(self.request, "admin")
        return report

    def _told(self, report: Report) -> Response:
        return Response(self.get_serializer(report).data, headers=retry(report))

    def _created(self, requested: "Requested") -> Response:
        report = requested.report
        context = {**self.get_serializer_context(), "reused": requested.reused}
        answer: Any = CreatedSerializer(report, context=context).data
        ended = not retry(report)
        response = accepted(answer, str(answer["url"]))
        if requested.reused or ended:
            response = Response(answer, headers={"Location": str(answer["url"]), **retry(report)})
        if requested.replayed:
            response.headers["Idempotency-Replayed"] = "true"
        return response


def _idempotency_key(request: "Request") -> str:
    """Return the key, without optional quotation marks; "" if there is none."""
    if "Idempotency-Key" not in request.headers:
        return ""
    text = request.headers["Idempotency-Key"]
    key = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if not 1 <= len(key) <= _LONGEST_KEY or not (key.isascii() and key.isprintable()):
        problem = f"Must have 1 to {_LONGEST_KEY} printable ASCII characters."
        raise ValidationError({"Idempotency-Key": [problem]})
    return key
