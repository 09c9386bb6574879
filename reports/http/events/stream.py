"""The progress of a report as server-sent events, for one listener."""

import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from rest_framework.renderers import JSONRenderer

from jobs.models import UNFINISHED
from reports.http.events.watch import places, watch
from reports.models import Report

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5  # Between two checks of the watch.
HEARTBEAT_SECONDS = 5  # A closed connection is only noticed by writing.
ALLOWED_SECONDS = 3  # Between two checks of the listener's permission.
LISTEN_SECONDS = 5 * 60
RETRY_MILLISECONDS = 2000

# Set when the process is about to end, which would otherwise wait for its listeners.
process_ends = threading.Event()


def event_id(report: Report) -> str:
    """Return an id for the state that an event describes; the same in every process."""
    return f"{report.attempts}-{report.stores_done}-{report.stores_total}-{report.status}"


def is_finished(report: Report) -> bool:
    """Tell whether the report has sent its last event."""
    return report.status not in UNFINISHED


class Stream:
    """Events until the report ends, or for some minutes; its creator has taken a place.

    ``told`` is the id of the last event that the listener has. The place is given back when the
    stream is closed or garbage-collected, even if nothing was sent. ``allowed`` tells whether the
    listener may still listen; if not, the stream ends soon.
    """

    def __init__(
        self,
        report: Report,
        *,
        told: str,
        describe: "Callable[[Report], dict[str, Any]]",
        allowed: Callable[[], bool],
    ) -> None:
        self._report = report
        self._told = told
        self._describe = describe
        self._allowed = allowed
        watch.begin(report.pk)
        self.close: Callable[[], None] = weakref.finalize(self, _leave, report.pk)

    def __iter__(self) -> Iterator[bytes]:
        """Yield events and, if there are none, heartbeats."""
        connection.close()
        yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
        try:
            yield from self._events(until=time.monotonic() + LISTEN_SECONDS)
        except (OperationalError, InterfaceError):
            logger.warning(
                "report %s: its listeners were disconnected", self._report.pk, exc_info=True
            )
            yield b": the database cannot be reached, connect again\n\n"

    def _events(self, *, until: float) -> Iterator[bytes]:
        report: Report | None = self._report
        spoke = asked = time.monotonic()
        while report is not None:
            if time.monotonic() - asked >= ALLOWED_SECONDS:
                if not self._still_allowed():
                    yield b": you may not listen any more\n\n"
                    return
                asked = time.monotonic()
            said = self._new(report)
            if not said and time.monotonic() - spoke >= HEARTBEAT_SECONDS:
                said = b": still here\n\n"
            if said:
                yield said
                spoke = time.monotonic()
            if is_finished(report):
                return
            if process_ends.wait(PAUSE_SECONDS) or time.monotonic() >= until:
                yield b": connect again\n\n"
                return
            report = watch.report(report.pk)
        yield _event("deleted", "deleted", {"id": str(self._report.pk)})

    def _still_allowed(self) -> bool:
        try:
            return self._allowed()
        finally:
            connection.close()

    def _new(self, report: Report) -> bytes:
        """Return the event for the report's state, b"" if it was already sent."""
        state = event_id(report)
        if state == self._told:
            return b""
        self._told = state
        name = report.status.lower() if is_finished(report) else "progress"
        return _event(name, state, self._describe(report))


def _leave(report_id: Any) -> None:
    # May run inside garbage collection, in the middle of any code: takes no lock.
    watch.end(report_id)
    places.leave()


def _event(name: str, state: str, data: dict[str, Any]) -> bytes:
    rendered: bytes = JSONRenderer().render(data)
    return f"event: {name}\nid: {state}\ndata: ".encode() + rendered + b"\n\n"
