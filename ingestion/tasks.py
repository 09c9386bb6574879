"""Celery tasks of ingestion."""

from celery import shared_task

from ingestion import services


@shared_task(name="ingestion.sweep")
def sweep() -> int:
    """Fail the ingestions whose process died; return how many."""
    return services.sweep()
