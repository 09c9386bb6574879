"""Queueing a file: first storage, then a row, then a message."""

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction

from api.broker_faults import BROKER_FAULTS
from ingestion import tasks
from ingestion.http.uploads import UNNAMED, feed_of
from ingestion.models import Feed, Ingestion
from ingestion.queue.queued import queue_again, request_ingestion

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


class NotQueued(Exception):
    """The broker cannot be reached; ``ingestion`` was created and marked as failed."""

    def __init__(self, ingestion: Ingestion) -> None:
        super().__init__("The message broker cannot be reached, so the file could not be queued.")
        self.ingestion = ingestion


def queue_upload(
    upload: "UploadedFile[Any]",
    *,
    requested_by: str,
    feed: str = Feed.STATUS.value,
    keep_sample: bool = False,
) -> Ingestion:
    """Keep a file and queue it after the commit of its row. Raises NotQueued.

    ``feed`` "" lets the file's header decide the feed. The file is copied before any transaction
    begins: on SQLite that would make all others wait.
    """
    with upload:
        record = request_ingestion(
            upload,
            name=upload.name or UNNAMED,
            requested_by=requested_by,
            feed=feed or feed_of(upload),
            keep_sample=keep_sample,
        )
    transaction.on_commit(partial(_enqueue, record))
    return record


def start_again(record: Ingestion) -> bool:
    """Queue the kept file of a failed ingestion again; tell whether there was one.

    Raises NotQueued.
    """
    with transaction.atomic():
        queued = queue_again(record.pk)
        if queued:
            transaction.on_commit(partial(_enqueue, record, keep_file=True))
    return queued


def _enqueue(record: Ingestion, **options: bool) -> None:
    try:
        tasks.enqueue(record, **options)
    except BROKER_FAULTS as error:
        raise NotQueued(record) from error
