"""Several hosts: one is cut off in the middle of its work, and comes back or does not."""

from contextlib import contextmanager

from tests.chaos.faults import Fault
from tests.chaos.system import WORKERS
from tests.end_to_end.stack import until

HELD = """
SELECT count(*) FROM reports_shard shard
JOIN reports_report report ON report.id = shard.report_id WHERE shard.status = 'Running'
"""
SECONDS = 60


@contextmanager
def cut_off(system, chance):
    """Pull the cable out while the workers have shards, until the others have gone on."""
    name = chance.choice(WORKERS)
    until(lambda: system.query(HELD)[0][0], seconds=SECONDS, pause=0.005)
    system.hosts[name].cut_off()
    yield
    system.hosts[name].reconnect()


@contextmanager
def cut_off_and_dead(system, chance):
    """The host never returns as it was: its processes die without a word to anyone."""
    name = chance.choice(WORKERS)
    until(lambda: system.query(HELD)[0][0], seconds=SECONDS, pause=0.005)
    system.hosts[name].cut_off()
    system.kill(name)
    yield
    system.hosts[name].reconnect()


@contextmanager
def both_cut_off(system, _):
    for host in system.hosts.values():
        host.cut_off()
    yield
    for host in system.hosts.values():
        host.reconnect()


FAULTS = (
    Fault(name="hosts: one cut off among the shards", provoke=cut_off, hold=(3.0, 5.0)),
    Fault(name="hosts: one cut off for longer", provoke=cut_off, hold=(8.0, 15.0)),
    Fault(name="hosts: one cut off and dead", provoke=cut_off_and_dead),
    Fault(name="hosts: both workers' hosts cut off", provoke=both_cut_off, hold=(3.0, 10.0)),
)
