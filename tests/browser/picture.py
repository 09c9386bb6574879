"""Make docs/board.png, the picture in the README, of a made-up fleet.

Run it in the folder of the project: ``python -m tests.browser.picture``, with the variable
``DJANGO_SETTINGS_MODULE=storemonitor.settings``.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.end_to_end.conftest import EMBEDDED, running
from tests.paths import ROOT

PICTURE = ROOT / "docs" / "board.png"
LARGEST = 150_000
HEIGHT = 900


def main():
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:00Z}"
    sample = ("--stores=2000", "--days=8", f"--until={now}")
    [resources_of] = EMBEDDED.values
    with (
        tempfile.TemporaryDirectory() as folder,
        running(resources_of, Path(folder), sample=sample) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1100, "height": HEIGHT})
        page.goto(f"http://127.0.0.1:{stack.port}/")
        page.locator("#heat-map[data-drawn-ms]").wait_for(timeout=60_000)
        # The longest list is not what the picture is for.
        page.evaluate(
            "for (const row of document.querySelectorAll('tbody tr:nth-child(n+6)')) row.remove()"
        )
        page.screenshot(path=PICTURE, full_page=False)
        browser.close()
    size = PICTURE.stat().st_size
    if size > LARGEST:
        raise SystemExit(f"{PICTURE} has {size:,} bytes, more than {LARGEST:,}")


if __name__ == "__main__":
    main()
