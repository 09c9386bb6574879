"""What requests may say and how reports and ingestions are told."""

from typing import Any, Literal

from django.conf import settings
from rest_framework import serializers
from rest_framework.reverse import reverse

from api.downloads import stored_text
from api.serializers import InstantField, StrictSerializer, address_of
from ingestion.serializers import IngestionSerializer, UploadField
from reports.models import Report


class TriggerSerializer(StrictSerializer):
    """The body of POST /trigger_report."""

    file = UploadField(required=False)


class CreateSerializer(StrictSerializer):
    """The body of POST /api/v1/reports/."""

    as_of = InstantField(required=False, allow_null=True)


class ProgressSerializer(serializers.Serializer[Any]):
    """How far a report is."""

    stores_done = serializers.IntegerField()
    stores_total = serializers.IntegerField()
    percent = serializers.IntegerField()


class ReportSerializer(serializers.ModelSerializer[Report]):
    """A report as a resource."""

    progress = ProgressSerializer(read_only=True)
    url = serializers.HyperlinkedIdentityField(view_name="report", lookup_url_kwarg="report_id")
    download = serializers.SerializerMethodField(help_text="Null until the report is complete.")

    class Meta:
        model = Report
        fields = [
            "id",
            "status",
            "as_of",
            "created_at",
            "started_at",
            "finished_at",
            "attempts",
            "progress",
            "error",
            "row_count",
            "size",
            "sha256",
            "url",
            "download",
        ]
        read_only_fields = fields

    def get_download(self, report: Report) -> str | None:
        """Return the address of the file, once there is one."""
        if report.status != Report.Status.COMPLETE:
            return None
        return address_of(self, "report-download", report_id=report.id)


class StatusSerializer(serializers.Serializer[Report]):
    """A report as GET /get_report tells it: three states, and the CSV when it is short."""

    report_id = serializers.UUIDField(source="id")
    status = serializers.SerializerMethodField()
    as_of = serializers.DateTimeField()
    progress = ProgressSerializer()
    message = serializers.SerializerMethodField()
    report = serializers.SerializerMethodField(
        required=False, help_text="The CSV; only when complete and not above the inline limit."
    )

    def get_status(self, report: Report) -> Literal["Running", "Complete", "Failed"]:
        """Return the state, with queued taken for running."""
        if report.status == Report.Status.COMPLETE:
            return "Complete"
        return "Failed" if report.status == Report.Status.FAILED else "Running"

    def get_message(self, report: Report) -> str:
        """Return one sentence for people."""
        if report.status == Report.Status.COMPLETE:
            address = reverse("download_report")
            return f"Report is ready and can be downloaded at {address}?report_id={report.id}"
        if report.status == Report.Status.FAILED:
            return report.error
        return "The report is still running."

    def get_report(self, report: Report) -> str | None:
        """Return the text of the CSV, or None where the answer goes without."""
        if report.status != Report.Status.COMPLETE:
            return None
        if (report.size or 0) > settings.MAX_INLINE_REPORT_BYTES:
            return None
        return stored_text(report.file)

    def to_representation(self, report: Report) -> dict[str, Any]:
        """Return the answer; ``report`` is left out where there is no text, not null."""
        answer = super().to_representation(report)
        if answer["report"] is None:
            del answer["report"]
        return answer


class TriggeredSerializer(serializers.Serializer[Any]):
    """The answer to POST /trigger_report."""

    report_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["Running"])
    message = serializers.CharField()
    ingestion = IngestionSerializer(required=False)
