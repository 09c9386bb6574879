"""Running systems that every test of this folder breaks and finds whole."""

from random import Random

import pytest

from tests.chaos.network import network_fault
from tests.chaos.rounds import PROBE
from tests.chaos.shapes.hosts import running_hosts
from tests.chaos.shapes.servers import running_servers, servers_fault
from tests.chaos.undisturbed import Undisturbed
from tests.servers import SKIPPED, need

STORES = 60
SEED = 1


@pytest.fixture(scope="package")
def faulty(tmp_path_factory):
    need(servers_fault())
    with running_servers(tmp_path_factory.mktemp("faulty"), stores=STORES, seed=SEED) as system:
        yield system


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    need(servers_fault())
    need_network()
    with running_hosts(tmp_path_factory.mktemp("hosts"), stores=STORES, seed=SEED) as system:
        yield system


def need_network():
    """Skip the test where no hosts can be made; in CI fail if that can be helped."""
    fault, can_be_helped = network_fault()
    if fault and not can_be_helped:
        pytest.skip(f"{SKIPPED}: {fault}")
    need(fault)


@pytest.fixture(scope="package")
def probe(faulty):
    """The bytes of the report that is made after each fault."""
    computed = Undisturbed(faulty.files, faulty.folder / "files")
    try:
        return computed.report(PROBE)
    finally:
        computed.close()


@pytest.fixture
def chance(request):
    return Random(request.node.name)
