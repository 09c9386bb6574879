"""A headless Chromium, told what to do by its driver in the W3C's WebDriver protocol.

That is JSON over HTTP, of which a dozen lines are enough here: no package is needed for it.
"""

import base64
import http.client
import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.end_to_end.stack import HOST, free_port, until

CHROMIUM = os.environ.get("TEST_CHROMIUM") or shutil.which("chromium") or "chromium"
CHROMEDRIVER = os.environ.get("TEST_CHROMEDRIVER") or shutil.which("chromedriver") or "chromedriver"
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--hide-scrollbars",
)


def browser_fault():
    """Return why no browser can be used, or None."""
    missing = [name for name in (CHROMIUM, CHROMEDRIVER) if shutil.which(name) is None]
    named = "TEST_CHROMIUM, TEST_CHROMEDRIVER"
    return f"no browser, for want of {' and '.join(missing)} ({named})" if missing else None


class Refused(Exception):
    """The driver said no; the text is its reason."""


class Chromium:
    """One window of a browser with a profile of its own in ``folder``."""

    def __init__(self, folder):
        self._port = free_port()
        with Path(folder, "chromedriver.log").open("wb") as log:
            command = [CHROMEDRIVER, f"--port={self._port}"]
            # The session of its own ends everything that the driver has started.
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        until(self._is_ready)
        self._session = self._start(folder)

    def _start(self, folder):
        arguments = [*ARGUMENTS, f"--user-data-dir={Path(folder, 'profile')}"]
        wanted = {
            "goog:chromeOptions": {"binary": CHROMIUM, "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        started = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        return f"/session/{started['sessionId']}"

    # What tests do

    def resize(self, width, height=900):
        """Show pages in a viewport of this size."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self._devtools("Emulation.setDeviceMetricsOverride", metrics)

    def open(self, address):
        """Load a page and wait until it is complete."""
        self._call("POST", f"{self._session}/url", {"url": address})

    def run(self, script, *arguments):
        """Return what a function's body of JavaScript returns."""
        said = {"script": script, "args": list(arguments)}
        return self._call("POST", f"{self._session}/execute/sync", said)

    def complaints(self):
        """Return what the console was told since it was last asked: errors and warnings."""
        entries = self._call("POST", f"{self._session}/se/log", {"type": "browser"})
        return [one["message"] for one in entries if one["level"] in {"SEVERE", "WARNING"}]

    def picture(self):
        """Return the page as PNG."""
        return base64.b64decode(self._call("GET", f"{self._session}/screenshot"))

    def close(self):
        """End browser and driver."""
        try:
            self._call("DELETE", self._session)
        finally:
            self._process.terminate()
            self._process.wait()

    # The protocol

    def _devtools(self, command, parameters):
        said = {"cmd": command, "params": parameters}
        self._call("POST", f"{self._session}/goog/cdp/execute", said)

    def _is_ready(self):
        try:
            return self._call("GET", "/status")["ready"]
        except OSError:
            return False

    def _call(self, method, path, body=None):
        connection = http.client.HTTPConnection(HOST, self._port, timeout=60)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            value = json.loads(answer.read())["value"]
        finally:
            connection.close()
        if answer.status != 200:
            raise Refused(value["message"])
        return value
