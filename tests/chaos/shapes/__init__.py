"""The shapes of an installation: what runs where, and what can break there."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.faults import Fault, broker, clocks, database, files, processes
from tests.chaos.faults import hosts as of_hosts
from tests.chaos.faults import machine as of_machine
from tests.chaos.network import network_fault
from tests.chaos.shapes.hosts import running_hosts
from tests.chaos.shapes.machine import running_machine
from tests.chaos.shapes.servers import running_servers, servers_fault


@dataclass(frozen=True, kw_only=True)
class Shape:
    """``running(folder, stores=, seed=)`` yields a system in which ``faults`` can be provoked."""

    name: str
    running: Callable
    faults: tuple[Fault, ...]
    missing: Callable[[], str | None]


def missing_for_hosts():
    return servers_fault() or network_fault()[0]


SHAPES = (
    Shape(
        name="web, two workers and beat with PostgreSQL and Redis",
        running=running_servers,
        faults=(
            *processes.FAULTS,
            *database.FAULTS,
            *broker.FAULTS,
            *files.FAULTS,
            *clocks.FAULTS,
        ),
        missing=servers_fault,
    ),
    Shape(
        name="several hosts with a bucket",
        running=running_hosts,
        faults=of_hosts.FAULTS,
        missing=missing_for_hosts,
    ),
    Shape(
        name="./run with SQLite and a folder as the queue",
        running=running_machine,
        faults=of_machine.FAULTS,
        missing=lambda: None,
    ),
)
