"""All collectors within a deadline: one that fails or hangs takes no other with it."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from django.db import connection
from prometheus_client.core import GaugeMetricFamily, Metric

from storemonitor.metrics import data, jobs, processes
from storemonitor.metrics.gauges import gauges
from storemonitor.operations.incidents import Incidents
from storemonitor.operations.lines import Line, answered

if TYPE_CHECKING:
    from concurrent.futures import Future

incidents = Incidents(logging.getLogger(__name__))

Collector = Callable[[], Iterable[Metric]]

# Prometheus gives up after ten.
PATIENCE_SECONDS = 5.0
# So that all collectors together keep within that even if each meets a locked table.
_IMPATIENT = "SET lock_timeout = '400ms'; SET statement_timeout = '1500ms'"

_DATABASE, _BROKER, _STORAGE = (Line(f"metrics-{name}") for name in ("database", "broker", "media"))
COLLECTORS: dict[str, tuple[Line, Collector]] = {
    "workers": (_DATABASE, processes.workers),
    "reports": (_DATABASE, jobs.reports),
    "waiting": (_DATABASE, jobs.waiting),
    "ingestions": (_DATABASE, jobs.ingestions),
    "messages": (_DATABASE, jobs.messages),
    "snapshot": (_DATABASE, jobs.snapshot),
    "polls": (_DATABASE, data.polls),
    "prune": (_DATABASE, data.prune),
    "tables": (_DATABASE, data.tables),
    "queues": (_BROKER, processes.queues),
    "media": (_STORAGE, data.media),
}


def collected() -> Iterator[Metric]:
    """Yield what every collector found, and which of them found it in time."""
    started = time.monotonic()
    asked: dict[str, Future[list[Metric]]] = {}
    _DATABASE.ask(_be_impatient)
    for name, (line, collector) in COLLECTORS.items():
        asked[name] = line.ask(partial(_all_of, collector))
    _DATABASE.hang_up()
    heard = answered(asked, seconds=PATIENCE_SECONDS)
    up = {name: float(_succeeded(name, heard)) for name in COLLECTORS}
    for name, worked in up.items():
        if worked:
            yield from heard[name].result()
    text = "1 if what the collector reads could be read; without it its metrics are missing."
    yield gauges("collector_up", text, "collector", up)
    took = time.monotonic() - started
    yield GaugeMetricFamily(
        "storemonitor_collecting_seconds", "How long all of this took.", value=took
    )


def _all_of(collector: Collector) -> list[Metric]:
    return [*collector()]


def _be_impatient() -> None:
    """Limit the statements of this connection, which is closed after the last collector."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_IMPATIENT)


def _succeeded(name: str, heard: "dict[str, Future[list[Metric]]]") -> bool:
    error = heard[name].exception() if name in heard else None
    reason = f"it has not answered within {PATIENCE_SECONDS:g} s" if name not in heard else ""
    if error is not None:
        first_line = str(error).partition("\n")[0]
        reason = f"it failed: {type(error).__name__}: {first_line}"
    incidents.note(f"collector {name}", reason)
    return not reason
