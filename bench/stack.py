"""A web server and workers, started by the product's own commands, driven over HTTP."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import ROOT, Failed, Run, children_of, peak_of
from storemonitor.launch import process_groups
from storemonitor.launch.services import EMBEDDED_BEAT, WEB, WORKER

HOST = "127.0.0.1"
STARTING_SECONDS = 60
REPORT_SECONDS = 1800
POLLING_SECONDS = 0.01
# Nothing is running when a stack ends, and a worker takes seconds to end by itself.
GRACE = 1.0
# The bench sends requests without a token, one after the other, as fast as it can.
OPEN = {
    "ANONYMOUS_SCOPES": "read",
    "RATE_LIMIT_READ": "0",
    "RATE_LIMIT_WRITE": "0",
    "WEB_CONCURRENCY": "1",
}


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A server that runs; ``web`` and ``worker`` are the processes whose children do the work."""

    port: int
    web: int
    worker: int

    def report(self) -> Run:
        """Trigger a report and ask every 10 ms until it is complete; its rows are unknown here."""
        start = time.perf_counter()
        self._wait_for(self._trigger())
        return Run(seconds=time.perf_counter() - start, peak=self._peak())

    def warm_up(self, *, reports: int) -> None:
        """Have so many reports made at once: a worker process's first one pays for its imports."""
        for report_id in [self._trigger() for _ in range(reports)]:
            self._wait_for(report_id)

    def wait(self) -> None:
        """Wait until the server answers. Raises ``Failed``."""
        deadline = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < deadline:
            try:
                self._call("GET", "/healthz")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise Failed(f"the web server did not answer within {STARTING_SECONDS} s")

    def _trigger(self) -> str:
        return str(self._call("POST", "/trigger_report")["report_id"])

    def _wait_for(self, report_id: str) -> None:
        deadline = time.monotonic() + REPORT_SECONDS
        while not self._is_complete(report_id):
            if time.monotonic() > deadline:
                raise Failed(f"the report was not complete after {REPORT_SECONDS} s")
            time.sleep(POLLING_SECONDS)

    def _is_complete(self, report_id: str) -> bool:
        answer = self._call("GET", f"/get_report?report_id={report_id}")
        if answer["status"] not in {"Running", "Complete"}:
            raise Failed(f"the report came out as {answer}")
        return bool(answer["status"] == "Complete")

    def _call(self, method: str, path: str) -> dict[str, Any]:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise Failed(f"{method} {path} answered {answer.status}: {body.decode()}")
        content: dict[str, Any] = json.loads(body)
        return content

    def _peak(self) -> int | None:
        """Return the most memory that one child of the worker ever had."""
        peaks = [peak_of(child) for child in children_of(self.worker)]
        return max((peak for peak in peaks if peak is not None), default=None)


@contextmanager
def serving(
    environment: Mapping[str, str], folder: Path, *, concurrency: int = 1
) -> Iterator[Stack]:
    """Start web and a worker of so many processes; end them afterwards. Logs go to ``folder``.

    The worker runs the schedule too, as that of ``./run`` does. All of them get the environment
    of the bench with ``environment`` over it; the web server is open, unless that says otherwise.
    """
    port = _free_port()
    web = {**OPEN, **environment, "HOST": HOST, "PORT": str(port), "ALLOWED_HOSTS": HOST}
    worker = (*WORKER, EMBEDDED_BEAT, f"--concurrency={concurrency}", "--hostname=bench@%h")
    started: list[int] = []
    try:
        started.append(_start(WEB, web, folder / "web.log"))
        started.append(_start(worker, environment, folder / "worker.log"))
        stack = Stack(port=port, web=started[0], worker=started[1])
        stack.wait()
        yield stack
    finally:
        process_groups.end(started, grace=GRACE)


def _start(command: tuple[str, ...], environment: Mapping[str, str], log: Path) -> int:
    with log.open("ab") as file:
        process = subprocess.Popen(  # our own commands # nosec B603
            [sys.executable, "-m", *command],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
    return process.pid


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
    return port
