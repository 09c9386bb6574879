"""Reports in requests and answers."""

from typing import Any, Literal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from api.serializers import StrictSerializer, address_of
from api.transfer.downloads import stored_text
from ingestion.http.serializers import IngestionSerializer, UploadField
from jobs.models import UNFINISHED
from reports.http.fields import LengthField, WindowsField
from reports.models import Report

# The largest report inside a JSON answer.
MOST_INLINE_BYTES = 1024 * 1024


class TriggerSerializer(StrictSerializer):
    """The body of POST /trigger_report."""

    file = UploadField(required=False)


class ProgressSerializer(serializers.Serializer[Any]):
    """The progress of a report."""

    stores_done = serializers.IntegerField()
    stores_total = serializers.IntegerField()
    percent = serializers.IntegerField()


class SelectedSerializer(serializers.Serializer[Any]):
    """The stores of a report: those that meet every given condition."""

    ids = serializers.ListField(child=serializers.CharField(), required=False)
    id_count = serializers.IntegerField(required=False, help_text="The number of ids.")
    time_zone = serializers.CharField(required=False)
    tag = serializers.CharField(required=False)


class ReportOutageSerializer(serializers.Serializer[Any]):
    """A stretch in which nobody polled a scope."""

    scope = serializers.CharField(help_text="`fleet`, `zone:NAME` or `tag:NAME`.")
    stores = serializers.IntegerField(help_text="How many stores of it were being polled.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with ``from``, a reserved word in Python."""
        instants = {
            "from": serializers.DateTimeField(),
            "to": serializers.DateTimeField(allow_null=True),
        }
        return {**instants, **super().get_fields()}


class TimeInOutagesSerializer(serializers.Serializer[Any]):
    """How much of a window's open time lies in poller outages, all stores together."""

    window = serializers.CharField()
    open_us = serializers.IntegerField()
    in_outages_us = serializers.IntegerField()


class ReportTargetSerializer(serializers.Serializer[Any]):
    """A target as it was when the report was requested."""

    name = serializers.CharField(help_text="Empty for the `target` of the request.")
    scope = serializers.CharField()
    percentage = serializers.FloatField()
    windows = serializers.ListField(child=serializers.CharField())


class NobodyPolledSerializer(serializers.Serializer[Any]):
    """When nobody polled the stores of a report, and what that means for its windows."""

    outages = ReportOutageSerializer(many=True)
    windows = TimeInOutagesSerializer(many=True)


class ToldExclusionSerializer(serializers.Serializer[Any]):
    """An exclusion that touches a report."""

    id = serializers.IntegerField()
    scope = serializers.CharField(help_text="`fleet`, `tag:NAME` or `store:ID`.")
    reason = serializers.CharField()
    created_by = serializers.CharField()


class TimeExcludedSerializer(serializers.Serializer[Any]):
    """How much of a window's open time is excluded, all stores together."""

    window = serializers.CharField()
    open_us = serializers.IntegerField()
    excluded_us = serializers.IntegerField()


class ExcludedSerializer(serializers.Serializer[Any]):
    """The time that counts for neither side of the share, and why."""

    count = serializers.IntegerField(help_text="How many exclusions touch the windows.")
    exclusions = ToldExclusionSerializer(many=True, help_text="The first 50 of them.")
    windows = TimeExcludedSerializer(many=True)


class ReportSerializer(serializers.ModelSerializer[Report]):
    """A report as a resource."""

    windows = WindowsField(read_only=True)
    max_gap = LengthField(read_only=True, allow_null=True)
    stores = serializers.SerializerMethodField(
        help_text="Null for all; a list of reports has the number of ids instead of the ids."
    )
    targets = ReportTargetSerializer(
        many=True,
        read_only=True,
        allow_null=True,
        help_text="What a report of kind targets judges by, as they were when it was requested.",
    )
    nobody_polled = NobodyPolledSerializer(
        read_only=True,
        allow_null=True,
        help_text="Null until the report is complete, and if it was not known by then.",
    )
    excluded = ExcludedSerializer(
        read_only=True,
        allow_null=True,
        help_text="Null until the report is complete, and if no time was excluded.",
    )
    progress = ProgressSerializer(read_only=True)
    url = serializers.HyperlinkedIdentityField(view_name="report", lookup_url_kwarg="report_id")
    download = serializers.SerializerMethodField(help_text="Null until the report is complete.")

    class Meta:
        model = Report
        fields = [
            "id",
            "status",
            "as_of",
            "windows",
            "columns",
            "max_gap",
            "stores",
            "poller_outages",
            "kind",
            "targets",
            "nobody_polled",
            "excluded",
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

    @extend_schema_field(SelectedSerializer(allow_null=True))
    def get_stores(self, report: Report) -> dict[str, Any] | None:
        """Return the report's stores; in lists without ids, which are too many."""
        if report.stores is None:
            return None
        stores = dict(report.stores)
        if "ids" in stores:
            stores["id_count"] = len(stores["ids"])
        if self.parent is not None:
            stores.pop("ids", None)
        return stores

    def get_download(self, report: Report) -> str | None:
        """Return the URL of the file, once there is one."""
        if report.status != Report.Status.COMPLETE:
            return None
        return address_of(self, "report-download", report_id=report.id)


class CreatedSerializer(ReportSerializer):
    """The answer to a request for a report."""

    reused = serializers.SerializerMethodField(
        help_text="Whether this is an earlier, equal report of the same data."
    )

    class Meta(ReportSerializer.Meta):
        fields = [*ReportSerializer.Meta.fields, "reused"]
        read_only_fields = fields

    def get_reused(self, report: Report) -> bool:  # noqa: ARG002 - it is about the request
        """Return what the view determined."""
        return bool(self.context["reused"])


_RUNNING = "The report is still running."


class StatusSerializer(serializers.Serializer[Report]):
    """A report in GET /get_report: three states, and the CSV if it is short."""

    report_id = serializers.UUIDField(source="id")
    status = serializers.SerializerMethodField()
    as_of = serializers.DateTimeField()
    progress = ProgressSerializer()
    message = serializers.SerializerMethodField()
    # Only a field that is not read-only can be optional in the schema.
    report = serializers.CharField(
        required=False, help_text="The CSV; only if complete and within the inline limit."
    )

    def get_status(self, report: Report) -> Literal["Running", "Complete", "Failed"]:
        """Return the state: queued is reported as Running, cancelled as Failed."""
        if report.status == Report.Status.COMPLETE:
            return "Complete"
        return "Running" if report.status in UNFINISHED else "Failed"

    def get_message(self, report: Report) -> str:
        """Return one sentence for people."""
        if report.status == Report.Status.COMPLETE:
            address = reverse("download_report")
            return f"Report is ready and can be downloaded at {address}?report_id={report.id}"
        if report.status == Report.Status.CANCELLED:
            return "The report was cancelled."
        return report.error if report.status == Report.Status.FAILED else _RUNNING

    def to_representation(self, report: Report) -> dict[str, Any]:
        """Return the answer; ``report`` is left out, not null, if there is no text."""
        answer: dict[str, Any] = super().to_representation(report)
        is_complete = report.status == Report.Status.COMPLETE
        if is_complete and (report.size or 0) <= MOST_INLINE_BYTES:
            answer["report"] = stored_text(report.file, size=report.size)
        return answer


class TriggeredSerializer(serializers.Serializer[Any]):
    """The answer to POST /trigger_report."""

    report_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["Running"])
    message = serializers.CharField()
    ingestion = IngestionSerializer(required=False)
