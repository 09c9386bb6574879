"""PostgreSQL restarted, crashed, hanging, full, cut off and slow."""

import signal
from contextlib import contextmanager

import psycopg

from tests.chaos.faults import Fault, needs_disks

ENDED = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


@contextmanager
def restarted(system, _):
    system.postgres.stop(signal.SIGINT)
    yield
    system.postgres.start()


@contextmanager
def crashed(system, _):
    system.postgres.stop(signal.SIGQUIT)
    yield
    system.postgres.start()


@contextmanager
def frozen(system, _):
    system.postgres.freeze()
    yield
    system.postgres.thaw()


@contextmanager
def full(system, _):
    """No room for another byte; a server that has given itself up is started again."""
    system.disks["database"].fill()
    yield
    system.disks["database"].free()
    if system.postgres.ended():
        system.postgres.start()


@contextmanager
def connections_ended(system, _):
    """By the server, as an administrator or an idle limit would."""
    with psycopg.connect(system.postgres.url, autocommit=True) as connection:
        connection.execute(ENDED)
    yield


@contextmanager
def cut(system, _):
    system.to_postgres.cut()
    yield


@contextmanager
def silent(system, _):
    """Packets vanish: nothing is refused, nothing is closed, nothing arrives."""
    system.to_postgres.hold()
    yield
    system.to_postgres.heal()


@contextmanager
def slow(system, chance):
    system.to_postgres.slow(chance.choice((0.02, 0.1)))
    yield
    system.to_postgres.heal()


FAULTS = (
    Fault(name="PostgreSQL restarted", provoke=restarted, away=True),
    Fault(name="PostgreSQL stopped at once", provoke=crashed, away=True),
    Fault(name="PostgreSQL hangs (SIGSTOP)", provoke=frozen, away=True, hold=(4.0, 8.0)),
    Fault(name="PostgreSQL's disk full", provoke=full, missing=needs_disks),
    Fault(name="PostgreSQL ends connections", provoke=connections_ended, hold=(0.5, 2.0)),
    Fault(name="connections to PostgreSQL cut", provoke=cut, hold=(0.5, 2.0)),
    Fault(name="network to PostgreSQL silent", provoke=silent, away=True, hold=(4.0, 8.0)),
    Fault(name="network to PostgreSQL slow", provoke=slow),
)
