"""The two ways to run the product, each with everything real."""

from contextlib import ExitStack, contextmanager

import pytest

from tests import servers
from tests.end_to_end.stack import Stack
from tests.mailbox import mailbox

STORES = 40
# Tests send polls of the last hour before it.
UNTIL = "2024-03-13T18:13:22.479220Z"


def embedded(_resources):
    return {}


def on_servers(resources):
    return {
        "database_url": resources.enter_context(servers.database()),
        "broker_url": resources.enter_context(servers.broker()),
    }


EMBEDDED = pytest.param(embedded, id="SQLite and a folder")
ON_SERVERS = pytest.param(on_servers, id="PostgreSQL and Redis")
BOTH = [EMBEDDED, ON_SERVERS]


# Those whose fixtures are set up in this process.
_stacks = []


@contextmanager
def running(resources_of, folder, environment=None, **contents):
    """Yield a web server and a worker over a database with these contents; `prepare` has them."""
    with ExitStack() as resources:
        stack = Stack(folder, **resources_of(resources))
        stack.environment.update(environment or {})
        resources.callback(stack.stop)
        stack.prepare(**contents)
        stack.restore()
        _stacks.append(stack)
        resources.callback(_stacks.remove, stack)
        yield stack


@pytest.fixture(scope="package", params=BOTH)
def bare(request, tmp_path_factory):
    """A system without data; `stack` hands it to tests."""
    with running(request.param, tmp_path_factory.mktemp("bare")) as stack:
        yield stack


@pytest.fixture
def stack(bare):
    """A system without data, for one test to fill and to break."""
    bare.empty()
    return bare


@pytest.fixture(scope="package", params=BOTH)
def filled(request, sample, box, tmp_path_factory):
    """A system with the sample in it, for tests that leave its data in order."""
    told = {
        "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "EMAIL_URL": box.url,
        "SITE_URL": "https://monitor.example.com",
    }
    with running(request.param, tmp_path_factory.mktemp("filled"), told, files=sample) as stack:
        yield stack


@pytest.fixture(scope="package", params=BOTH)
def filled_well(request, large_sample, tmp_path_factory):
    """The same with the large sample in it."""
    with running(
        request.param, tmp_path_factory.mktemp("filled_well"), files=large_sample
    ) as stack:
        yield stack


@pytest.fixture(autouse=True)
def _restored(request):
    """A test may kill and freeze processes: the next one finds web and worker running again."""
    for name in {"bare", "filled", "filled_well"} & set(request.fixturenames):
        request.getfixturevalue(name).restore()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    """End the processes of a stack after the last test that uses it, so that they do not idle."""
    if nextitem is None or _group(item) != _group(nextitem):
        for stack in _stacks:
            stack.stop()


def _group(item):
    return item.get_closest_marker("xdist_group").args


@pytest.fixture(scope="package")
def box():
    """A mail server."""
    with mailbox() as box:
        yield box


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
    size = (f"--stores={stores}", "--days=8", f"--until={UNTIL}")
    made = Stack(folder.parent).manage("sample_data", folder, *size)
    assert made.returncode == 0, made.stderr
    return folder
