"""Disks of files that are full, read-only or emptied."""

from contextlib import contextmanager

from tests.chaos.faults import Fault, needs_disks


def full(disk):
    @contextmanager
    def provoke(system, _):
        system.disks[disk].fill()
        yield
        system.disks[disk].free()

    return provoke


def unwritable(disk):
    @contextmanager
    def provoke(system, _):
        system.disks[disk].forbid_writing()
        yield
        system.disks[disk].allow_writing()

    return provoke


@contextmanager
def emptied(system, _):
    """Files of complete reports and snapshots are gone; new ones are made as before."""
    system.empty_reports()
    yield


@contextmanager
def temporary_emptied(system, _):
    """Somebody tidied up: what is open goes on, and nothing relies on a name there."""
    for path in system.temporary_files():
        path.unlink(missing_ok=True)
    yield


FAULTS = (
    Fault(name="media storage full", provoke=full("media"), missing=needs_disks),
    Fault(name="media storage read-only", provoke=unwritable("media"), missing=needs_disks),
    Fault(name="media storage emptied", provoke=emptied),
    Fault(name="temporary folder emptied", provoke=temporary_emptied, hold=(0.5, 2.0)),
    Fault(name="temporary folder full", provoke=full("temporary"), missing=needs_disks),
    Fault(name="temporary folder read-only", provoke=unwritable("temporary"), missing=needs_disks),
)
