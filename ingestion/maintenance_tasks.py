"""Celery tasks that beat runs once in a while."""

from celery import shared_task

from fleet.polls.store_indexes import index_weeks_before
from jobs import clock


@shared_task(name="ingestion.index_weeks")
def index_weeks() -> int:
    """Index the polls of weeks that are over, by store; return how many parts that was."""
    return index_weeks_before(clock.now())
