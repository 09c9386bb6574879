"""What an ingestion left behind, over HTTP."""

from typing import TYPE_CHECKING

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.viewsets import ViewSet

from ingestion.downloads import csv_response
from ingestion.models import Ingestion

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request


class IngestionViewSet(ViewSet):
    """Files that were ingested."""

    @extend_schema(
        summary="The rejected rows of an ingested file",
        description="CSV with the columns file, line, field, value and reason.",
        operation_id="ingestion_rejects",
        tags=["Ingestions"],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def rejects(self, request: "Request", ingestion_id: int) -> "HttpResponseBase":
        """Send the rejects of one ingestion; 404 where there are none."""
        ingestion = Ingestion.objects.filter(id=ingestion_id).first()
        if ingestion is None:
            raise Http404("There is no such ingestion.")
        if not ingestion.rejects:
            raise Http404("No row of this file was rejected.")
        return csv_response(request, ingestion.rejects, name=f"rejects-{ingestion_id}.csv")
