"""Celery tasks that beat runs once in a while."""

from celery import shared_task

from ingestion import clock
from ingestion.store_indexes import index_weeks_before


@shared_task(name="ingestion.index_weeks")
def index_weeks() -> int:
    """Index the polls of weeks that are over, by store; return how many parts that was."""
    return index_weeks_before(clock.now())
