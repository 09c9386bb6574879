"""One running system that every test of this folder breaks and finds whole."""

from random import Random

import pytest

from tests.chaos.rounds import PROBE
from tests.chaos.system import running_system, servers_fault
from tests.chaos.undisturbed import Undisturbed
from tests.servers import need

STORES = 60
SEED = 1


@pytest.fixture(scope="package")
def faulty(tmp_path_factory):
    need(servers_fault())
    with running_system(tmp_path_factory.mktemp("faulty"), stores=STORES, seed=SEED) as system:
        yield system


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
