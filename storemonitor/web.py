"""Settings of the web server: ``gunicorn -c python:storemonitor.web storemonitor.wsgi``."""

import os
import shutil
import signal
from pathlib import Path
from types import FrameType
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.wsgi import Response

from reports.http import MOST_LISTENERS
from storemonitor.configuration.environment import log_format, whole_number
from storemonitor.configuration.log_lines import OneLine
from storemonitor.logs.json_lines import JsonLine
from storemonitor.metrics import folder

_host, _port = os.environ.get("HOST") or "127.0.0.1", whole_number("PORT", default=8000)
bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
worker_class = "storemonitor.web_worker.Worker"
workers = whole_number("WEB_CONCURRENCY", default=2)
# A listener to events holds a thread for minutes; these stay free for other requests.
OTHERS = 16
threads = OTHERS + MOST_LISTENERS
graceful_timeout = 8  # Shorter than the grace periods of the launcher and Docker.
_memory = Path("/dev/shm")  # noqa: S108 - gunicorn and mkdtemp make the names in it # nosec B108
# On a disk that is busy with an ingestion, heartbeat files would be late and workers killed.
worker_tmp_dir = str(_memory) if _memory.is_dir() else None
# No proxy of ours sends a header with the site's prefix, so such a header is forged.
forwarder_headers = ""
control_socket_disable = True


class logger_class(Logger):  # type: ignore[misc]  # noqa: N801 - gunicorn's name of the setting
    """Formats gunicorn's own messages like the other logs."""

    def setup(self, cfg: Any) -> None:
        """Keep each record on one line."""
        super().setup(cfg)
        as_json = log_format() == "json"
        form = JsonLine() if as_json else OneLine(self.error_fmt, self.datefmt)
        for handler in self.error_log.handlers:
            handler.setFormatter(form)


_usual_headers = Response.default_headers


def _without_server(response: Any) -> list[str]:
    """Remove the Server header, for which there is no setting."""
    return [line for line in _usual_headers(response) if not line.startswith("Server:")]


Response.default_headers = _without_server


def on_starting(_server: Any) -> None:
    """Make the folder in which the processes count requests."""
    os.environ[folder.VARIABLE] = str(folder.make(_memory if _memory.is_dir() else None))


def pre_fork(server: Any, worker: Any) -> None:
    """Give the new process a slot to count in, perhaps that of one that has ended."""
    worker.slot = folder.free_slot(other.slot for other in server.WORKERS.values())


def post_fork(server: Any, worker: Any) -> None:
    """Make this process count in its slot, before the application is loaded."""
    try:
        folder.count_in(worker.slot)
    except OSError as error:
        server.log.warning("the requests of this process are not in /metrics: %s", error)


def on_exit(_server: Any) -> None:
    """Remove the folder."""
    shutil.rmtree(os.environ[folder.VARIABLE], ignore_errors=True)


def post_worker_init(_worker: Any) -> None:
    """Make listeners leave when the process is to end, instead of waiting for them."""
    from reports.http.events.stream import process_ends  # noqa: PLC0415 - needs django.setup()

    handle = signal.getsignal(signal.SIGTERM)

    def end(number: int, frame: FrameType | None) -> None:
        process_ends.set()
        if callable(handle):
            handle(number, frame)

    signal.signal(signal.SIGTERM, end)
