"""A server with the sample in it, and a browser that somebody has logged in with."""

import pytest

from tests.browser.driver import Chromium, browser_fault
from tests.end_to_end.stack import Stack
from tests.servers import SKIPPED

PASSWORD = "a-long-password"
# In one process, as each takes a second to start.
PREPARE = """
from django.contrib.auth import get_user_model
from django.core.management import call_command
from storemonitor.preparation import INGESTED

call_command("migrate", verbosity=0)
get_user_model().objects.create_superuser("admin", password={password!r})
call_command("sample_data", {files!r}, "--stores=30", "--days=8")
try:
    call_command("ingest", {files!r})
except SystemExit as end:
    assert end.code in INGESTED, end.code
"""


@pytest.fixture(scope="session")
def _browser_is_there():
    """Skip without a browser, in CI too: not every runner has one."""
    if fault := browser_fault():
        pytest.skip(f"{SKIPPED}: {fault}")


@pytest.fixture(scope="session")
def site(_browser_is_there, tmp_path_factory):
    """Web and worker over a small fleet, with a complete report and a user."""
    stack = Stack(tmp_path_factory.mktemp("site"))
    try:
        prepare = PREPARE.format(password=PASSWORD, files=str(stack.folder / "files"))
        prepared = stack.manage("shell", "--no-imports", "-c", prepare)
        assert prepared.returncode == 0, prepared.stderr
        stack.start_worker()
        stack.start_web()
        assert stack.finished(stack.trigger())["status"] == "Complete"
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def address(site):
    """Where the server is."""
    return f"http://127.0.0.1:{site.port}"


@pytest.fixture(scope="session")
def browser(address, tmp_path_factory):
    """The browser of a superuser."""
    chromium = Chromium(tmp_path_factory.mktemp("browser"))
    try:
        chromium.resize(1440)
        chromium.open(f"{address}/admin/login/?next=/admin/")
        chromium.run(
            "const form = document.getElementById('login-form');"
            "form.username.value = 'admin'; form.password.value = arguments[0]; form.submit();",
            PASSWORD,
        )
        yield chromium
    finally:
        chromium.close()
