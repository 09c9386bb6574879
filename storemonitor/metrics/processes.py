"""Metrics of workers, beat and queues."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from prometheus_client.core import GaugeMetricFamily

from jobs import clock
from storemonitor.metrics.gauges import gauge, gauges, seconds
from storemonitor.models import Worker
from storemonitor.operations.heartbeats import FORGOTTEN_AFTER, is_silent
from storemonitor.operations.queue_depth import queue_depth
from storemonitor.operations.sweeps import last_sweep


class BrokerAway(Exception):
    """The broker could not be asked; the text says why."""


def workers() -> Iterator[GaugeMetricFamily]:
    """Yield who works, whose clock is off, and when a sweep last finished."""
    now = clock.now()
    known = [*Worker.objects.filter(beat_at__gte=now - FORGOTTEN_AFTER)]
    alive = [one for one in known if not is_silent(one, now)]
    numbers = {"alive": len(alive), "silent": len(known) - len(alive)}
    yield gauges("workers", "Workers, by their heartbeats.", "state", numbers)
    ahead: dict[str, timedelta] = {}
    for one in alive:
        ahead[one.name] = max(ahead.get(one.name, timedelta()), one.clock_ahead, key=abs)
    skew = {name: by.total_seconds() for name, by in ahead.items()}
    text = "How far a worker's clock is ahead of the database's."
    yield gauges("worker_clock_ahead_seconds", text, "worker", skew)
    last = last_sweep()
    if last:
        text = "Since a worker last finished a sweep, which shows that beat and queue work."
        yield gauge("sweep_age_seconds", text, seconds(last, now))


def queues() -> Iterator[GaugeMetricFamily]:
    """Yield how many messages wait in each queue. Raises BrokerAway."""
    found = {name: queue_depth(name) for name in settings.CELERY_TASK_QUEUES}
    unread = [depth.reason for depth in found.values() if depth.waiting is None]
    if unread:
        raise BrokerAway(unread[0])
    waiting = {name: float(depth.waiting or 0) for name, depth in found.items()}
    yield gauges("queue_messages", "Messages that no worker has taken yet.", "queue", waiting)
