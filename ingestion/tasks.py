"""Celery tasks of ingestion. They take an id and read everything else from the database."""

import logging
from functools import partial

from celery import shared_task

from ingestion import services
from ingestion.models import Ingestion
from ingestion.queue import queued
from jobs import log_context, queue
from jobs.lease import LeaseLost

logger = logging.getLogger(__name__)


@shared_task(name="ingestion.ingest_upload")
def ingest_upload(ingestion_id: int) -> str:
    """Ingest a kept file and return the status of its ingestion."""
    claimed = True
    try:
        claimed = queued.ingest_upload(ingestion_id)
    except LeaseLost as loss:
        logger.info("stopped: %s", loss)
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
    with queue.left_to_the_sweep(f"the file after ingestion {ingestion_id}"):
        for waiting in queued.next_in_turn(ingestion_id):
            _send(waiting)


def enqueue(record: Ingestion, *, keep_file: bool = False) -> None:
    """Queue a kept file; call it after the ingestion's row is committed.

    Raises one of ``BROKER_FAULTS`` if the broker cannot be reached; the ingestion has then been
    marked as failed, and its file removed unless ``keep_file`` says that there is no other copy.
    """
    log_context.about(record)
    reason = "The queue could not be reached."
    fail = partial(queued.fail, record.pk, f"{reason} Try it again later.")
    withdraw = partial(queued.withdraw, record.pk, f"{reason} Send the file again.")
    end = fail if keep_file else withdraw
    with queue.ended_without_broker(f"ingestion {record.pk}", end):
        _send(record.pk)


def _send(ingestion_id: int) -> None:
    queue.send(ingest_upload, ingestion_id, task_id=f"ingestion-{ingestion_id}")
