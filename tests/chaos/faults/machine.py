"""One small machine: services and launcher killed, SQLite locked, disk and queue folder broken."""

from contextlib import contextmanager

from tests.chaos.faults import Fault, needs_disks
from tests.chaos.faults.files import full, unwritable
from tests.end_to_end.stack import until

END_SECONDS = 30


def service_killed(name):
    """The launcher starts it again."""

    @contextmanager
    def provoke(system, _):
        system.kill_service(name)
        yield

    return provoke


@contextmanager
def worker_frozen(system, _):
    """Nobody takes over; if it was writing, the database is locked meanwhile."""
    system.freeze_service("worker")
    yield
    system.thaw_service("worker")


@contextmanager
def launcher_killed(system, _):
    """Nothing of it may go on alone."""
    system.kill("launcher")
    yield
    until(system.all_ended, seconds=END_SECONDS)


@contextmanager
def launcher_ended(system, _):
    """Ctrl-C in the middle of everything."""
    system.drain("launcher")
    yield
    until(lambda: system.has_ended("launcher"), seconds=END_SECONDS)
    until(system.all_ended, seconds=END_SECONDS)


@contextmanager
def queue_emptied(system, _):
    system.empty_queue()
    yield


FAULTS = (
    Fault(name="./run: worker killed", provoke=service_killed("worker")),
    Fault(name="./run: web killed", provoke=service_killed("web"), web_ends=True),
    Fault(name="./run: worker stopped past its lease", provoke=worker_frozen, hold=(3.0, 6.0)),
    Fault(name="./run: launcher killed", provoke=launcher_killed, web_ends=True),
    Fault(name="./run: launcher asked to end", provoke=launcher_ended, web_ends=True),
    Fault(name="./run: disk full", provoke=full("data"), missing=needs_disks),
    Fault(name="./run: queue folder full", provoke=full("queue"), missing=needs_disks),
    Fault(name="./run: queue folder read-only", provoke=unwritable("queue"), missing=needs_disks),
    Fault(name="./run: queue folder emptied", provoke=queue_emptied, hold=(0.5, 2.0)),
)
