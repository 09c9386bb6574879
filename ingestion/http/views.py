"""Sending polls and files, and viewing ingestions, over HTTP."""

from typing import TYPE_CHECKING, Any

from django.http import Http404
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.pagination import NewestFirst
from api.senders import sender
from api.transfer.downloads import csv_response
from feeds.errors import UnusableFile
from ingestion.http import schema, uploads
from ingestion.http.problems import UnusableUpload
from ingestion.http.queries import FeedQuery, IngestionQuery, ReceivingQuery
from ingestion.http.receiving import RETRY_AFTER, ReceivingEndpoints
from ingestion.http.serializers import FileSerializer, FilesSerializer
from ingestion.models import Feed, Ingestion
from ingestion.outcomes import describe_removed
from jobs.models import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.files.uploadedfile import UploadedFile
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

    from ingestion.http.serializers import Sent


class PollViewSet(ReceivingEndpoints):
    """Batches of polls."""

    queries = {"create": ReceivingQuery}
    scopes = {"create": "ingest"}

    @schema.polls_create
    def create(self, request: "Request") -> Response:
        """Store the polls in the request, or keep them for a worker."""
        uploads.check_not_empty(request)
        body = FileSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        upload = body.validated_data["file"]
        to_wait = self.is_to_wait([(Feed.STATUS.value, upload)])
        return self._queue(upload) if to_wait else self._store(upload)

    def _store(self, upload: "UploadedFile[Any]") -> Response:
        try:
            ingestion = uploads.ingest_upload(
                upload,
                requested_by=sender(self.request),
                feed=Feed.STATUS.value,
                keep_sample=self.keep_sample,
            )
        except UnusableFile as error:
            extra = {"ingestion": self.told(error.ingestion)} if error.ingestion else {}
            raise UnusableUpload(str(error), extra=extra) from error
        return Response({"message": _outcome(ingestion), "ingestion": self.told(ingestion)})

    def _queue(self, upload: "UploadedFile[Any]") -> Response:
        told = self.told(self.queue(upload, Feed.STATUS.value, "The polls"))
        message = f"The polls are waiting for a worker; follow them at {told['url']}"
        headers = self.waiting_headers(str(told["url"]))
        return Response({"message": message, "ingestion": told}, 202, headers=headers)


class IngestionViewSet(ReceivingEndpoints):
    """Files that were ingested, are being ingested, or are waiting."""

    pagination_class = NewestFirst
    queries = {"list": IngestionQuery, "create": FeedQuery}
    scopes = {"list": "read", "retrieve": "read", "rejects": "read", "create": "ingest"}

    @schema.ingestions_list
    def list(self, request: "Request") -> Response:
        """Return one page of ingestions, newest first."""
        filters = {name: self.query[name] for name in ("feed", "status") if name in self.query}
        return self.page(self.get_queryset().filter(**filters))

    @schema.ingestions_create
    def create(self, request: "Request") -> Response:
        """Store the files in the request, of any feeds, or keep them for a worker."""
        uploads.check_not_empty(request)
        body = FilesSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        files = body.files(self.query.get("feed", ""))
        if self.is_to_wait(files):
            return self._queue_all(files)
        return self._store_all(files)

    def _store_all(self, files: "Sequence[Sent]") -> Response:
        """Store each file whole or not at all; an unusable one does not stop the others."""
        ingestions, reasons = [], []
        for feed, upload in files:
            try:
                ingestions.append(
                    uploads.ingest_upload(
                        upload,
                        requested_by=sender(self.request),
                        feed=feed or None,
                        keep_sample=self.keep_sample,
                    )
                )
            except UnusableFile as error:
                ingestions += [error.ingestion] if error.ingestion else []
                reasons.append(str(error))
        told = [self.told(ingestion) for ingestion in ingestions]
        if reasons:
            raise UnusableUpload(" ".join(reasons), extra={"ingestions": told})
        removed = [describe_removed(one) for one in ingestions if one.sample_stores_removed]
        message = " ".join([f"Stored: {len(told)} of {len(files)} files.", *removed])
        return Response({"message": message, "ingestions": told})

    def _queue_all(self, files: "Sequence[Sent]") -> Response:
        told = [self.told(self.queue(upload, feed, "A file")) for feed, upload in files]
        location = told[0]["url"] if len(told) == 1 else reverse("ingestions", request=self.request)
        message = f"Waiting for a worker: {len(told)} files."
        headers = self.waiting_headers(str(location))
        return Response({"message": message, "ingestions": told}, 202, headers=headers)

    @schema.ingestions_retrieve
    def retrieve(self, request: "Request", ingestion_id: int) -> Response:
        """Return one ingestion."""
        ingestion = self.found(self.get_queryset(), pk=ingestion_id)
        unfinished = ingestion.status in UNFINISHED
        headers = {"Retry-After": RETRY_AFTER} if unfinished else {}
        return Response(self.told(ingestion), headers=headers)

    @schema.ingestion_rejects
    def rejects(self, request: "Request", ingestion_id: int) -> "HttpResponseBase":
        """Send the rejected rows of one ingestion; 404 if there are none."""
        ingestion = self.found(self.get_queryset(), pk=ingestion_id)
        if not ingestion.rejects:
            raise Http404("No row of this file was rejected.")
        return csv_response(request, ingestion.rejects, name=f"rejects-{ingestion_id}.csv")


def _outcome(ingestion: Ingestion) -> str:
    """Return one sentence for people."""
    if ingestion.rows_new or ingestion.rows_changed:
        sentence = f"{ingestion.rows_new:,} new polls, {ingestion.rows_changed:,} changed."
    else:
        sentence = "Nothing changed: all these polls were already known."
    if ingestion.rows_rejected:
        sentence = f"{sentence} {ingestion.rows_rejected:,} rows were rejected."
    if ingestion.sample_stores_removed:
        return f"{sentence} {describe_removed(ingestion)}"
    return sentence
