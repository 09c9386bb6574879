"""Faults provoked for real: afterwards nothing is lost, nothing is wrong, and nothing is left.

These are the quick ones of ``./run chaos``, each held as briefly as it may be.
"""

from dataclasses import replace

import pytest

from tests.chaos.checks import all_faults
from tests.chaos.rounds import run_round
from tests.chaos.shapes import SHAPES
from tests.chaos.undisturbed import Undisturbed
from tests.chaos.work import quiet, unfinished
from tests.servers import need

QUICK = {
    "worker killed",
    "worker stopped past its lease",
    "ingestion killed",
    "deploy: old and new together",
    "PostgreSQL stopped at once",
    "PostgreSQL's disk full",
    "network to PostgreSQL silent",
    "Redis killed, without AOF",
    "Redis hangs (SIGSTOP)",
    "Redis full (maxmemory)",
    "media storage full",
}
LOGGED = 300  # Lines that say why something did not recover.
CHOSEN = [fault for fault in SHAPES[0].faults if fault.name in QUICK]


@pytest.mark.parametrize("fault", CHOSEN, ids=lambda fault: fault.name)
def test_it_recovers_alone(faulty, probe, chance, fault):
    need(fault.missing())
    briefly = replace(fault, hold=(fault.hold[0],) * 2)
    found = run_round(faulty, briefly, chance, probe).faults
    assert not found, "\n".join((*map(str, unfinished(faulty)), *faulty.log_lines()[-LOGGED:]))


def test_nothing_is_lost_or_left_after_all_of_them(faulty):
    numbers = [faulty.files.next_number() for _ in range(3)]
    ways = (faulty.client.send_in_request, faulty.client.send_to_queue)
    for number, send in zip(numbers, (*ways, faulty.client.send_by_command), strict=True):
        send(number)
    quiet(faulty)
    computed = Undisturbed(faulty.files, faulty.folder / "files")
    try:
        assert not all_faults(faulty, computed)
    finally:
        computed.close()


def test_every_quick_one_is_a_fault():
    assert len(CHOSEN) == len(QUICK)
