"""Metrics of the data: how new they are, how much there is, when they were last pruned."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from prometheus_client.core import GaugeMetricFamily

from access.models import AuditEntry
from fleet.extent import newest_poll
from fleet.models import Store
from jobs import clock
from storemonitor.metrics.gauges import gauge, gauges, seconds
from storemonitor.operations.home import disk_space
from storemonitor.operations.table_sizes import table_sizes
from stores.silence import silence

# Looking further back would read the whole audit log of an installation that never prunes.
_PRUNED_WITHIN = timedelta(days=8)


def polls() -> Iterator[GaugeMetricFamily]:
    """Yield how old the newest poll is and which stores are silent; nothing without polls."""
    yield gauge("stores", "Stores.", Store.objects.count())
    newest = newest_poll()
    if newest is None:
        return
    age = seconds(newest, clock.now())
    yield gauge("newest_poll_age_seconds", "Since the newest poll of all.", age)
    found = silence(newest)
    silent = {"6h": found.usual, "1d": found.day, "7d": found.week, "never": found.never}
    text = "Stores last polled this long before the newest poll of all, or never."
    yield gauges("silent_stores", text, "last_polled", silent)


def prune() -> Iterator[GaugeMetricFamily]:
    """Yield whether old data are pruned, and when that was last done."""
    yield gauge("prune_enabled", "1 if PRUNE_KEEP is set.", settings.PRUNE_KEEP is not None)
    now = clock.now()
    entries = AuditEntry.objects.filter(what="prune", outcome="done", at__gte=now - _PRUNED_WITHIN)
    last = entries.order_by("-at").values_list("at", flat=True).first()
    if last:
        text = "Since data were last pruned; missing if that is more than a week ago."
        yield gauge("prune_age_seconds", text, seconds(last, now))


def tables() -> Iterator[GaugeMetricFamily]:
    """Yield the estimated sizes of the largest tables; SQLite knows no bytes."""
    found = table_sizes()
    rows = {one.name: one.rows for one in found if one.rows is not None}
    yield gauges("table_rows", "Estimated rows of the largest tables.", "table", rows)
    sizes = {one.name: one.bytes for one in found if one.bytes is not None}
    yield gauges("table_bytes", "Bytes of the largest tables with indexes.", "table", sizes)


def media() -> Iterator[GaugeMetricFamily]:
    """Yield the space on the disk of media storage; nothing for a bucket."""
    space = disk_space()
    if space is None:
        return
    yield gauge("media_free_bytes", "Free bytes on the disk of the media files.", space.free)
    yield gauge("media_size_bytes", "All bytes of that disk.", space.total)
