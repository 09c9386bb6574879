"""Requests during a fault, one after another: how each was answered, and how fast."""

import http.client
import json
import time
from dataclasses import dataclass
from threading import Event, Thread

from tests.chaos.polls import UNTIL
from tests.chaos.work import HOUR, JSON

PAUSE = 1.0
MOST_SECONDS = 5.0
READ = ("GET", "/api/v1/stores/?limit=1", None)
CHANGE = ("POST", "/api/v1/reports/", json.dumps({"as_of": UNTIL, "windows": HOUR}))


@dataclass(frozen=True)
class Answered:
    """One answer; status 0 if there was none."""

    method: str
    status: int
    seconds: float
    retry_after: str | None = None
    text: str = ""


class Watch:
    """Asks in a thread while its block runs."""

    def __init__(self, system):
        self.answers = []
        self._system = system
        self._over = Event()
        self._thread = Thread(target=self._ask, name="watch")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def faults(self, *, away, web_ends):
        """Return what was not answered as promised."""
        found = [text for answer in self.answers if (text := _fault(answer, web_ends))]
        if away and not self.refused():
            found.append(f"nothing was answered with 503: {[a.status for a in self.answers]}")
        return found

    def refused(self):
        """Return how many requests were answered with 503."""
        return sum(answer.status == 503 for answer in self.answers)

    def _ask(self):
        while not self._over.is_set():
            for method, path, body in (READ, CHANGE):
                self.answers.append(self._answered(method, path, body))
            self._over.wait(PAUSE)

    def _answered(self, method, path, body):
        started = time.monotonic()
        try:
            answer = self._system.call(method, path, body, **JSON)
        except (OSError, http.client.HTTPException) as error:
            return Answered(method, 0, time.monotonic() - started, text=repr(error))
        seconds = time.monotonic() - started
        text = answer.body[:200].decode(errors="replace")
        return Answered(method, answer.status, seconds, answer.headers["Retry-After"], text)


def _fault(answer, web_ends):
    what = f"{answer.method}: {answer.status} after {answer.seconds:.1f} s {answer.text}"
    if answer.status == 0:
        return "" if web_ends else f"no answer: {what}"
    if answer.status >= 400 and answer.status != 503:
        return f"neither served nor 503: {what}"
    if answer.status == 503 and not answer.retry_after:
        return f"503 without Retry-After: {what}"
    # Requests wait for the process that takes the place of one that was killed.
    return f"too late: {what}" if answer.seconds > MOST_SECONDS and not web_ends else ""
