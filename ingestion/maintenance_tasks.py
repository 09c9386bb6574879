"""Celery tasks for regular maintenance, run by beat."""

from celery import shared_task

from fleet.polls.store_indexes import index_by_store
from ingestion.models import Ingestion

_AT_WORK = (Ingestion.Status.QUEUED, Ingestion.Status.RUNNING)


@shared_task(name="ingestion.indexes.sweep")
def index_stores() -> int:
    """Index the polls by store where an index is missing; return how many were made.

    Not between the files of a load, which an index would slow down.
    """
    if Ingestion.objects.filter(status__in=_AT_WORK).exists():
        return 0
    return index_by_store()
