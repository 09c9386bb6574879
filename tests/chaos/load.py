"""A steady load beside the faults: files by each way, reports, schedules, webhooks."""

import json
import time
from contextlib import contextmanager
from random import Random
from threading import Event, Thread

from tests.chaos.polls import UNTIL
from tests.chaos.work import HOUR, JSON, Question
from tests.receiver import receiving

DUE = "UPDATE schedules_schedule SET next_due_at = created_at, active_since = '2024-01-01'"


class Load:
    """Threads that each do one thing again and again until the end of the block."""

    def __init__(self, system, *, seed):
        self._system, self._seed = system, seed
        self._over = Event()
        self.done = {}  # How often each thing was done.
        self.broken = []  # Sentences on what could not be done in time.
        self._threads = [
            Thread(target=self._repeat, args=(step, pause), name=step.__name__, daemon=True)
            for step, pause in (
                (self.file_in_request, 0.4),
                (self.file_to_queue, 1.5),
                (self.file_by_command, 8.0),
                (self.report, 1.0),
                (self.schedule, 20.0),
            )
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        self._over.set()

    def stop(self):
        """Let each thread finish what it has begun."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def file_in_request(self, _):
        self._system.client.send_in_request(self._system.files.next_number())

    def file_to_queue(self, _):
        self._system.client.send_to_queue(self._system.files.next_number())

    def file_by_command(self, _):
        self._system.client.send_by_command(self._system.files.next_number())

    def report(self, chance):
        """Ask for a large or a small report as of an instant up to which all is stored."""
        as_of = chance.choice((UNTIL, self._settled()))
        windows = chance.choice((Question("").windows, HOUR))
        # As a client would: a load that does not wait only measures the length of the queue.
        client = self._system.client
        client.finished(client.request_report(Question(as_of, windows)))

    def schedule(self, _):
        """Make one more schedule, whose first period is over."""
        body = {"name": f"Each hour {time.monotonic()}", "cadence": "hourly"}
        answer = self._system.call("POST", "/api/v1/schedules/", json.dumps(body), **JSON)
        if answer.status == 201:
            self._system.query(DUE)

    def _settled(self):
        # Of all reports, only so many are computed once more.
        settled = self._system.files.settled()
        return settled.replace(minute=settled.minute // 20 * 20, second=0).isoformat()

    def _repeat(self, step, pause):
        chance, name = Random(f"{self._seed} {step.__name__}"), step.__name__
        while not self._over.wait(pause * chance.uniform(0.5, 1.5)):
            try:
                step(chance)
                self.done[name] = self.done.get(name, 0) + 1
            except OSError:
                continue  # The database or the web is away, and this step needs no patience.
            except AssertionError as late:
                self.broken.append(f"{name}: {late}")


@contextmanager
def webhook(system):
    """Have a receiver of ours told of every report; yields what it receives."""
    with receiving(address=system.address) as receiver:
        body = {"name": "chaos", "url": receiver.url}
        made = system.call("POST", "/api/v1/webhooks/", json.dumps(body), **JSON)
        assert made.status == 201, made.body
        yield receiver
