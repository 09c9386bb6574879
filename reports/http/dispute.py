"""The dispute pack of a report over HTTP."""

import io
from typing import TYPE_CHECKING, Any

from django.core.files import File
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer

from api.errors.problems import UNUSABLE, StorageUnavailable
from api.schema import error_response
from api.serializers import QuerySerializer
from api.transfer.downloads import Download, FileGone, send
from api.views import Endpoints
from reports.dispute.pack import DataDiffers, pack_of
from reports.http import schema
from reports.http.lookup import NO_REPORT, check_complete, report_named
from reports.http.problems import DataChanged, ReportRunning
from reports.http.request_serializers import refused
from reports.models import Report
from reports.request.kept import PollsGone
from reports.request.unusable import UnusableParameter

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request


# Their ids must fit into the line of a request, which may have 4 KB.
MOST_STORES = 20


class ZipRenderer(BaseRenderer):
    """Represents the archive in content negotiation; the content is sent past it."""

    media_type = "application/zip"
    format = "zip"
    charset = None


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": 100},
        "minItems": 1,
        "maxItems": MOST_STORES,
    }
)
class StoreIdsField(serializers.Field[list[str], Any, Any, Any]):
    """Ids of stores; the parameter is repeated for each."""

    default_error_messages = {
        "many": f"Ask for at most {MOST_STORES} stores, or use the command dispute_pack."
    }

    def to_internal_value(self, data: Any) -> list[str]:
        ids = [data] if isinstance(data, str) else list(data)
        if len(ids) > MOST_STORES:
            self.fail("many")
        return ids


class PackQuery(QuerySerializer):
    """The stores of a pack."""

    store = StoreIdsField(help_text="The id of a store; repeat it for more.")


_pack = extend_schema(
    summary="The rows of chosen stores, with all that is needed to compute them again",
    description=(
        "A .zip of the report's rows, its stamp, the polls, hours and zones behind them as feeds,"
        " and hashes. README.txt in it says how the other side gets the same numbers."
    ),
    operation_id="reports_dispute_pack",
    parameters=[schema.PATH_ID],
    responses={
        (200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, "The archive."),
        **schema.BAD_ID,
        **error_response(ReportRunning),
        **error_response(FileGone),
        **error_response(StorageUnavailable),
    },
)


class DisputePackViewSet(Endpoints[Report]):
    """GET .../dispute_pack/."""

    tag = schema.TAG
    missing = NO_REPORT
    queryset = Report.objects.all()
    renderer_classes = [ZipRenderer]
    queries = {"dispute_pack": PackQuery}
    scopes = {"dispute_pack": "read"}

    @_pack
    def dispute_pack(self, request: "Request", report_id: str) -> "HttpResponseBase":
        """Send the archive of these stores."""
        report = report_named(report_id)
        check_complete(report)
        try:
            content = pack_of(report, self.query["store"])
        except UnusableParameter as error:
            raise refused(error) from error
        except PollsGone as error:
            raise serializers.ValidationError({"store": [str(error)]}, code=UNUSABLE) from error
        except DataDiffers as error:
            raise DataChanged(str(error)) from error
        name = f"dispute-pack-{report.as_of:%Y%m%dT%H%M%SZ}-{report.id.hex[:8]}.zip"
        file: File[bytes] = File(io.BytesIO(content), name=name)
        return send(request, Download(name=name, media_type="application/zip", open=lambda: file))
