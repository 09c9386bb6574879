"""Workers say that they live, in a row that goes with them."""

import os
from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError
from django.utils import timezone

from jobs import clock
from storemonitor import celery
from storemonitor.models import Worker
from storemonitor.operations.heartbeats import (
    FORGOTTEN_AFTER,
    SILENT_AFTER,
    Heartbeat,
    is_clock_off,
    is_silent,
)
from tests.end_to_end.stack import until

pytestmark = pytest.mark.django_db(transaction=True)


class Consumer:
    """As much of a worker as the signal is given."""

    hostname = "celery@here"

    class pool:  # noqa: N801 - named as Celery's attribute is
        num_processes = 3


def test_it_keeps_a_row_from_a_workers_start_to_its_orderly_end():
    celery.show_that_it_lives(Consumer)
    until(Worker.objects.exists)
    [worker] = Worker.objects.all()
    assert (worker.name, worker.pid, worker.processes) == ("celery@here", os.getpid(), 3)
    assert not is_silent(worker, timezone.now())
    celery.end_the_heartbeat()
    assert not Worker.objects.exists()


def test_it_writes_the_same_row_again():
    heartbeat = Heartbeat("celery@here", processes=1)
    heartbeat.beat()
    first = Worker.objects.get()
    heartbeat.beat()
    again = Worker.objects.get()
    assert again.pk == first.pk
    assert again.started_at == first.started_at
    assert again.beat_at > first.beat_at


def test_it_is_silent_after_a_while_and_forgotten_after_an_hour():
    heartbeat = Heartbeat("celery@here", processes=1)
    now = timezone.now()
    for pid, age in ((1, SILENT_AFTER * 2), (2, FORGOTTEN_AFTER * 2)):
        Worker.objects.create(
            name="celery@there", pid=pid, processes=1, started_at=now - age, beat_at=now - age
        )
    heartbeat.beat()
    found = {worker.pid: is_silent(worker, now) for worker in Worker.objects.all()}
    assert found == {1: True, os.getpid(): False}


def test_it_goes_on_where_the_database_cannot_be_reached(monkeypatch, caplog):
    monkeypatch.setattr("storemonitor.operations.heartbeats.INTERVAL", timedelta(milliseconds=10))
    beat, attempts = Heartbeat.beat, []

    def refused_at_first(self):
        attempts.append(1)
        if len(attempts) < 3:
            raise DatabaseError("the database is away")
        beat(self)

    monkeypatch.setattr(Heartbeat, "beat", refused_at_first)
    heartbeat = Heartbeat("celery@here", processes=1)
    heartbeat.start()
    until(Worker.objects.exists)
    monkeypatch.setattr("storemonitor.operations.heartbeats.INTERVAL", timedelta(seconds=10))
    heartbeat.stop()
    assert "could not write the heartbeat of celery@here" in caplog.text
    assert not Worker.objects.exists()


def test_it_takes_the_place_of_a_dead_worker_of_its_name():
    now = timezone.now()
    for pid, age in ((1, SILENT_AFTER * 2), (2, timedelta(0))):
        Worker.objects.create(
            name="celery@here", pid=pid, processes=1, started_at=now - age, beat_at=now - age
        )
    Heartbeat("celery@here", processes=1).beat()
    assert {worker.pid for worker in Worker.objects.all()} == {2, os.getpid()}


@pytest.mark.parametrize(
    ("seconds", "off"), [(0, False), (5, False), (-5, False), (60, True), (-60, True)]
)
def test_it_says_how_far_its_clock_is_off(seconds, off):
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
        Heartbeat("celery@here", processes=1).beat()
    [worker] = Worker.objects.all()
    assert abs(worker.clock_ahead.total_seconds() - seconds) < 2
    assert is_clock_off(worker) is off
    assert not is_silent(worker, clock.now())
