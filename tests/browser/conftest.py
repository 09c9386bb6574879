"""A server with the sample in it, and pages of the system's Chromium, in which a user is logged in.

Playwright's own browsers are not used: it would download them. TEST_CHROMIUM names another program.
"""

import os
import shutil

import pytest

from tests.end_to_end.conftest import EMBEDDED, running
from tests.servers import need

CHROMIUM = shutil.which(os.environ.get("TEST_CHROMIUM", "chromium"))
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--hide-scrollbars",
)
PASSWORD = "a-long-password"
MAKE_USER = f"""
from django.contrib.auth import get_user_model
get_user_model().objects.create_superuser("admin", password={PASSWORD!r})
"""
FILES = ("--stores=30", "--days=8")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Skip without a browser; fail in CI."""
    need(None if CHROMIUM else "no browser: no chromium on the path (TEST_CHROMIUM)")
    # Playwright leaves a running event loop in the main thread, which Django takes for a view's
    # when a later test of this process asks the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def base_url():
    """In the plugin's place, which is written in a way that pytest warns of."""
    return


@pytest.fixture(scope="package")
def site(browser, tmp_path_factory):
    """Web and worker over a small fleet, with a complete report and a user."""
    folder = tmp_path_factory.mktemp("site")
    [resources_of] = EMBEDDED.values
    with running(resources_of, folder, sample=FILES, and_then=MAKE_USER) as stack:
        assert stack.finished(stack.trigger())["status"] == "Complete"
        yield stack


@pytest.fixture(scope="package")
def browser_context_args(browser_context_args, browser, site):
    """Log in once, for every page."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{site.port}")
    page = context.new_page()
    page.goto("/admin/login/?next=/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")
    known = context.storage_state()
    context.close()
    return {
        **browser_context_args,
        "base_url": f"http://127.0.0.1:{site.port}",
        "storage_state": known,
    }


@pytest.fixture
def complaints(page):
    """The page's console errors and warnings."""
    told = []
    page.on("console", lambda said: said.type in {"error", "warning"} and told.append(said.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    return told


@pytest.fixture
def resize(page):
    """Show the page in a viewport of this width, a narrow one as a phone does."""
    devtools = page.context.new_cdp_session(page)

    def resize(width):
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        devtools.send("Emulation.setDeviceMetricsOverride", metrics)

    return resize
