"""The base of endpoints that accept files: stored at once, or kept for a worker."""

from typing import TYPE_CHECKING, Any

from django.conf import settings

from api.errors.problems import BrokerUnreachable
from api.senders import sender
from api.views import Endpoints
from ingestion.http import uploads
from ingestion.http.serializers import IngestionStateSerializer
from ingestion.models import Ingestion
from ingestion.queue.starting import NotQueued, queue_upload
from ingestion.queue.turns import is_waited_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.files.uploadedfile import UploadedFile
    from rest_framework.request import Request

    from ingestion.http.serializers import Sent

RETRY_AFTER = "1"
ASYNC = "respond-async"


class IngestionEndpoints(Endpoints[Ingestion]):
    """Endpoints that return ingestions."""

    tag = "Ingestions"
    missing = "There is no such ingestion."
    queryset = Ingestion.objects.all()
    serializer_class = IngestionStateSerializer

    def told(self, ingestion: Ingestion) -> dict[str, Any]:
        """Return an ingestion as a resource."""
        return dict(self.get_serializer(ingestion).data)


class ReceivingEndpoints(IngestionEndpoints):
    """Endpoints that accept files."""

    takes_files = True
    parser_classes = [*uploads.CSV_PARSERS, uploads.NDJSONParser]

    def body_limit(self) -> int:
        """Return the limit of the body, which carries the data, in bytes."""
        limit: int = settings.MAX_UPLOAD_BYTES
        return limit

    @property
    def keep_sample(self) -> bool:
        """Tell whether the sender wants the sample to stay."""
        return bool(self.query.get("keep_sample"))

    def is_to_wait(self, files: "Sequence[Sent]") -> bool:
        """Tell whether files must wait for a worker, as they do behind others of their feed."""
        return prefers_async(self.request) or must_wait(files)

    def queue(self, upload: "UploadedFile[Any]", feed: str, what: str) -> Ingestion:
        """Keep a file for a worker; ``feed`` "" leaves it to its header. Raises BrokerUnreachable.

        ``what`` begins the error message.
        """
        try:
            return queue_upload(
                upload,
                requested_by=sender(self.request),
                feed=feed,
                keep_sample=self.keep_sample,
            )
        except NotQueued as error:
            error.ingestion.refresh_from_db()
            raise BrokerUnreachable(
                f"{what} could not be queued: the broker cannot be reached. Try again later.",
                extra={"ingestion": self.told(error.ingestion)},
            ) from error

    def waiting_headers(self, location: str) -> dict[str, str]:
        """Return the headers of an answer about waiting files."""
        headers = {"Location": location, "Retry-After": RETRY_AFTER}
        if prefers_async(self.request):
            headers["Preference-Applied"] = ASYNC
        return headers


def must_wait(files: "Sequence[Sent]") -> bool:
    """Tell whether files are too large for a request, or one is behind another of its feed."""
    size = sum(upload.size or 0 for _, upload in files)
    return size > settings.SYNC_INGEST_MAX_BYTES or any(
        is_waited_for(feed or uploads.feed_of(upload)) for feed, upload in files
    )


def prefers_async(request: "Request") -> bool:
    """Tell whether the sender asks for a worker, even for a small file."""
    preferences = request.headers.get("Prefer", "").lower().split(",")
    return any(each.partition(";")[0].strip() == ASYNC for each in preferences)
