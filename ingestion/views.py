"""Polls as they come in, and what became of each file, over HTTP."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404
from rest_framework.response import Response

from api.downloads import csv_response
from api.pagination import NewestFirst
from api.problems import BrokerUnreachable
from api.senders import sender
from api.serializers import PageQuery
from api.views import Endpoints
from ingestion import schema, uploads
from ingestion.errors import UnusableFile
from ingestion.models import Feed, Ingestion
from ingestion.problems import UnusableUpload
from ingestion.serializers import FileSerializer, IngestionStateSerializer
from ingestion.starting import NotQueued, queue_upload

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

RETRY_AFTER = "1"
ASYNC = "respond-async"


class _IngestionEndpoints(Endpoints[Ingestion]):
    """What sending and looking have in common."""

    queryset = Ingestion.objects.all()
    serializer_class = IngestionStateSerializer

    def told(self, ingestion: Ingestion) -> dict[str, Any]:
        """Return an ingestion as answers tell it."""
        return dict(self.get_serializer(ingestion).data)


class PollViewSet(_IngestionEndpoints):
    """Batches of polls."""

    scopes = {"create": "ingest"}

    parser_classes = [
        uploads.CSVParser,
        uploads.NDJSONParser,
        uploads.WholeMultiPartParser,
        uploads.GzipParser,
        uploads.ZstdParser,
        uploads.ZipParser,
        uploads.BinaryParser,
    ]

    def body_limit(self) -> int:
        """Return how many bytes a body may have: it carries the data."""
        limit: int = settings.MAX_UPLOAD_BYTES
        return limit

    @schema.polls_create
    def create(self, request: "Request") -> Response:
        """Store the polls in the request, or keep them for a worker."""
        uploads.check_not_empty(request)
        body = FileSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        upload = body.validated_data["file"]
        if _prefers_async(request) or (upload.size or 0) > settings.SYNC_INGEST_MAX_BYTES:
            return self._queue(upload)
        return self._store(upload)

    def _store(self, upload: "UploadedFile[Any]") -> Response:
        try:
            ingestion = uploads.ingest_upload(
                upload, requested_by=sender(self.request), feed=Feed.STATUS.value
            )
        except UnusableFile as error:
            extra = {"ingestion": self.told(error.ingestion)} if error.ingestion else {}
            raise UnusableUpload(str(error), extra=extra) from error
        return Response({"message": _outcome(ingestion), "ingestion": self.told(ingestion)})

    def _queue(self, upload: "UploadedFile[Any]") -> Response:
        try:
            ingestion = queue_upload(upload, requested_by=sender(self.request))
        except NotQueued as error:
            error.ingestion.refresh_from_db()
            raise BrokerUnreachable(
                "The polls could not be queued: the message broker cannot be reached. Try later.",
                extra={"ingestion": self.told(error.ingestion)},
            ) from error
        told = self.told(ingestion)
        headers = {"Location": str(told["url"]), "Retry-After": RETRY_AFTER}
        if _prefers_async(self.request):
            headers["Preference-Applied"] = ASYNC
        message = f"The polls wait for a worker; follow them at {told['url']}"
        return Response({"message": message, "ingestion": told}, 202, headers=headers)


class IngestionViewSet(_IngestionEndpoints):
    """Files that were ingested, are being ingested, or wait for it."""

    pagination_class = NewestFirst
    queries = {"list": PageQuery}

    @schema.ingestions_list
    def list(self, request: "Request") -> Response:
        """Return one page of ingestions, newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @schema.ingestions_retrieve
    def retrieve(self, request: "Request", ingestion_id: int) -> Response:
        """Return one ingestion."""
        ingestion = _ingestion(ingestion_id)
        unfinished = ingestion.status in {Ingestion.Status.QUEUED, Ingestion.Status.RUNNING}
        headers = {"Retry-After": RETRY_AFTER} if unfinished else {}
        return Response(self.told(ingestion), headers=headers)

    @schema.ingestion_rejects
    def rejects(self, request: "Request", ingestion_id: int) -> "HttpResponseBase":
        """Send the rejects of one ingestion; 404 where there are none."""
        ingestion = _ingestion(ingestion_id)
        if not ingestion.rejects:
            raise Http404("No row of this file was rejected.")
        return csv_response(request, ingestion.rejects, name=f"rejects-{ingestion_id}.csv")


def _ingestion(ingestion_id: int) -> Ingestion:
    ingestion = Ingestion.objects.filter(id=ingestion_id).first()
    if ingestion is None:
        raise Http404("There is no such ingestion.")
    return ingestion


def _prefers_async(request: "Request") -> bool:
    preferences = request.headers.get("Prefer", "").lower().split(",")
    return any(each.partition(";")[0].strip() == ASYNC for each in preferences)


def _outcome(ingestion: Ingestion) -> str:
    """Return one sentence for people."""
    if ingestion.rows_new or ingestion.rows_changed:
        sentence = f"{ingestion.rows_new:,} new polls, {ingestion.rows_changed:,} changed."
    else:
        sentence = "Nothing changed: all of these polls were known."
    if ingestion.rows_rejected:
        return f"{sentence} {ingestion.rows_rejected:,} rows were rejected."
    return sentence
