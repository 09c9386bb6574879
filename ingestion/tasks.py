"""Celery tasks of ingestion. They take an id and read everything else from the database."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from ingestion import queued, services
from ingestion.models import Ingestion

logger = logging.getLogger(__name__)


@shared_task(name="ingestion.ingest_upload")
def ingest_upload(ingestion_id: int) -> str:
    """Ingest a kept file and return the status of its ingestion."""
    claimed = True
    try:
        claimed = queued.ingest_upload(ingestion_id)
    finally:
        if claimed:
            announce_next(ingestion_id)
    return Ingestion.objects.values_list("status", flat=True).get(pk=ingestion_id)


@shared_task(name="ingestion.sweep")
def sweep() -> int:
    """Handle the ingestions whose process died; return how many.

    Those whose file was kept are queued again, the others have failed. Files are removed last, so
    that slow storage does not hold up anything else.
    """
    failed, told_again = services.sweep(), queued.sweep()
    for ingestion_id in told_again:
        _send(ingestion_id)
    queued.clean_up()
    return failed + len(told_again)


def announce_next(ingestion_id: int) -> None:
    """Queue the file whose turn it is after an ingestion; without a broker the sweep does it."""
    try:
        for waiting in queued.next_in_turn(ingestion_id):
            _send(waiting)
    except OperationalError:
        logger.warning("could not queue the next file", exc_info=True)


def enqueue(record: Ingestion, *, keep_file: bool = False) -> None:
    """Queue a kept file; call it after the ingestion's row is committed.

    Raises ``kombu.exceptions.OperationalError`` if the broker cannot be reached; the ingestion has
    then been marked as failed, and its file removed unless ``keep_file`` says that there is no
    other copy.
    """
    try:
        _send(record.pk)
    except OperationalError:
        logger.exception("ingestion %s: the broker cannot be reached", record.pk)
        reason = "The queue could not be reached."
        if keep_file:
            queued.fail(record.pk, f"{reason} Try it again later.")
        else:
            queued.withdraw(record.pk, f"{reason} Send the file again.")
        raise


def _send(ingestion_id: int) -> None:
    ingest_upload.apply_async(args=[ingestion_id], task_id=f"ingestion-{ingestion_id}")
