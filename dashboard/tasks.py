"""Celery tasks of the dashboard."""

import logging

from celery import shared_task

from dashboard.snapshots import services
from jobs import queue
from jobs.lease import LeaseLost

logger = logging.getLogger(__name__)


@shared_task(name="dashboard.sweep")
def sweep() -> int:
    """Queue the next snapshot if the data has changed, and lost ones again; return how many."""
    waiting = services.sweep()
    for snapshot in waiting:
        with queue.left_to_the_sweep(snapshot):
            queue.send(take_snapshot, snapshot.pk)
    return len(waiting)


@shared_task(name="dashboard.take_snapshot")
def take_snapshot(snapshot_id: int) -> None:
    """Compute a snapshot of the fleet."""
    try:
        services.take(snapshot_id)
    except LeaseLost as loss:
        logger.info("stopped: %s", loss)
