"""The two ways to run the product, each with everything real."""

from contextlib import ExitStack, contextmanager

import pytest

from tests import servers
from tests.end_to_end.stack import Stack

STORES = 40


def _embedded(_resources):
    return {}


def _on_servers(resources):
    return {
        "database_url": resources.enter_context(servers.database()),
        "broker_url": resources.enter_context(servers.broker()),
    }


EMBEDDED = pytest.param(_embedded, id="SQLite and a folder")
ON_SERVERS = pytest.param(_on_servers, id="PostgreSQL and Redis")
BOTH = [EMBEDDED, ON_SERVERS]


@contextmanager
def _running(resources_of, folder):
    with ExitStack() as resources:
        stack = Stack(folder, **resources_of(resources))
        resources.callback(stack.stop)
        migrated = stack.manage("migrate", "--verbosity=0")
        assert migrated.returncode == 0, migrated.stderr
        stack.start_worker()
        stack.start_web()
        yield stack


@pytest.fixture(params=BOTH)
def stack(request, tmp_path):
    """A migrated database without data, a web server and a worker, for one test to break."""
    with _running(request.param, tmp_path) as stack:
        yield stack


@pytest.fixture(scope="module", params=BOTH)
def filled(request, sample, tmp_path_factory):
    """The same with the sample in it, for the tests of a module that leave it in order."""
    with _filled(request, sample, tmp_path_factory) as stack:
        yield stack


@pytest.fixture(scope="module", params=BOTH)
def filled_well(request, large_sample, tmp_path_factory):
    """The same with the large sample in it."""
    with _filled(request, large_sample, tmp_path_factory) as stack:
        yield stack


@contextmanager
def _filled(request, files, tmp_path_factory):
    with _running(request.param, tmp_path_factory.mktemp("filled")) as stack:
        ingested = stack.manage("ingest", files)
        assert ingested.returncode in {0, 3}, ingested.stderr
        yield stack


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """Three files of a small fleet."""
    return _sample(tmp_path_factory, stores=STORES)


@pytest.fixture(scope="session")
def large_sample(tmp_path_factory):
    """Three files of a fleet whose report and ingestion take long enough to be cut short."""
    return _sample(tmp_path_factory, stores=1500)


def _sample(tmp_path_factory, *, stores):
    folder = tmp_path_factory.mktemp("sample") / "files"
    made = Stack(folder.parent).manage("sample_data", folder, f"--stores={stores}", "--days=8")
    assert made.returncode == 0, made.stderr
    return folder
