"""Processes that are killed, frozen, asked to end or replaced in the middle of their work."""

from contextlib import contextmanager

from tests.chaos.faults import Fault, broker, database
from tests.chaos.polls import UNTIL
from tests.chaos.system import WORKERS
from tests.chaos.work import HOUR, Question
from tests.end_to_end.stack import until

DRAIN_SECONDS = 60.0
LEASE = 3.0  # Longer than REPORT_LEASE_SECONDS of the system.


def killed(name):
    """All processes of a command at once, as by the kernel or an orchestrator."""

    @contextmanager
    def provoke(system, _):
        system.kill(name)
        yield

    return provoke


@contextmanager
def worker_killed(system, chance):
    system.kill(chance.choice(WORKERS))
    yield


@contextmanager
def worker_parent_killed(system, chance):
    system.kill_leader(chance.choice(WORKERS))
    yield


@contextmanager
def worker_child_killed(system, chance):
    system.kill_children(chance.choice(WORKERS))
    yield


@contextmanager
def web_child_killed(system, _):
    system.kill_children("web")
    yield


@contextmanager
def worker_frozen(system, chance):
    """Past its lease: the other worker takes over, and this one wakes up as a stranger."""
    name = chance.choice(WORKERS)
    system.freeze(name)
    yield
    system.thaw(name)


@contextmanager
def both_workers_frozen(system, _):
    for name in WORKERS:
        system.freeze(name)
    yield
    for name in WORKERS:
        system.thaw(name)


@contextmanager
def worker_drained(system, chance):
    """SIGTERM: the worker finishes what it has, and ends."""
    name = chance.choice(WORKERS)
    system.drain(name)
    yield
    drained(system, name)


def drained_without(broken):
    """SIGTERM to a worker while a server that it needs to finish is broken."""

    @contextmanager
    def provoke(system, chance):
        name = chance.choice(WORKERS)
        with broken(system, chance):
            system.drain(name)
            yield
        drained(system, name)

    return provoke


def drained(system, name):
    """Wait until a worker that was asked to end has ended; tell where it hangs if it has not."""
    try:
        until(lambda: system.has_ended(name), seconds=DRAIN_SECONDS)
    except AssertionError:
        system.cry(name)
        raise
    finally:
        system.end(name)


@contextmanager
def deployed(system, _):
    """A deploy in the middle: each old process is asked to end while a new one is there already."""
    for name in ("web", *WORKERS):
        system.drain(name)
        system.set_aside(name)
        if name == "web":
            until(lambda: not system.draining("web"), seconds=60)
        system.start_usual(name)
    yield
    until(lambda: not any(map(system.draining, WORKERS)), seconds=60)


@contextmanager
def ingestion_killed(system, chance):
    """A command with a file that is nowhere else, killed after up to a second."""
    number = system.files.next_number()
    path = system.outbox / f"killed-{number}.csv"
    path.write_text(system.files.text(number))
    system.start("ingestion", ("manage", "ingest", str(path)))
    yield
    system.end("ingestion")
    system.client.send_by_command(number)
    path.unlink()


@contextmanager
def message_doubled(system, _):
    """Every message that waits is there four times, for as many workers as there are."""
    for name in WORKERS:
        system.freeze(name)
    try:
        for _ in range(6):
            system.client.request_report(Question(UNTIL, HOUR))
        for queue in ("celery", "messages", "sweep"):
            for message in system.redis.command("LRANGE", queue, 0, -1):
                system.redis.command("LPUSH", queue, *[message] * 3)
    finally:
        for name in WORKERS:
            system.thaw(name)
    yield


FAULTS = (
    Fault(name="worker killed", provoke=worker_killed),
    Fault(name="worker's parent killed", provoke=worker_parent_killed),
    Fault(name="worker's child killed", provoke=worker_child_killed),
    Fault(name="worker stopped past its lease", provoke=worker_frozen, hold=(LEASE, 2 * LEASE)),
    Fault(
        name="both workers stopped past the lease",
        provoke=both_workers_frozen,
        hold=(LEASE, 2 * LEASE),
    ),
    Fault(name="worker asked to end (SIGTERM)", provoke=worker_drained, hold=(0.5, 2.0)),
    Fault(
        name="worker asked to end while Redis hangs",
        provoke=drained_without(broker.frozen),
        hold=(3.0, 8.0),
        away=True,
    ),
    Fault(
        name="worker asked to end while Redis is gone",
        provoke=drained_without(broker.killed(durable=True)),
        hold=(3.0, 8.0),
        away=True,
    ),
    Fault(
        name="worker asked to end while PostgreSQL hangs",
        provoke=drained_without(database.frozen),
        hold=(3.0, 8.0),
        away=True,
    ),
    Fault(
        name="worker asked to end while PostgreSQL is gone",
        provoke=drained_without(database.crashed),
        hold=(3.0, 8.0),
        away=True,
    ),
    Fault(name="every message four times", provoke=message_doubled, hold=(0.5, 2.0)),
    Fault(name="web killed", provoke=killed("web"), web_ends=True),
    Fault(name="web's child killed", provoke=web_child_killed, web_ends=True),
    Fault(name="beat killed", provoke=killed("beat")),
    Fault(name="ingestion killed", provoke=ingestion_killed, hold=(0.2, 1.2)),
    Fault(name="deploy: old and new together", provoke=deployed, web_ends=True, hold=(1.0, 3.0)),
)
