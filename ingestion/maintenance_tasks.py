"""Celery tasks for regular maintenance, run by beat."""

from celery import shared_task

from fleet.polls.store_indexes import index_weeks_before
from jobs import clock


@shared_task(name="ingestion.index_weeks")
def index_weeks() -> int:
    """Index the polls of past weeks by store; return how many parts were indexed."""
    return index_weeks_before(clock.now())
