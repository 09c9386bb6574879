"""Settings of the web server: ``gunicorn -c python:storemonitor.web storemonitor.wsgi``."""

import os
import signal
from pathlib import Path
from types import FrameType
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.wsgi import Response

from reports.http import MOST_LISTENERS
from storemonitor.environment import whole_number
from storemonitor.log_lines import OneLine

_host, _port = os.environ.get("HOST") or "127.0.0.1", whole_number("PORT", default=8000)
bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
worker_class = "storemonitor.web_worker.Worker"
workers = whole_number("WEB_CONCURRENCY", default=2)
# Whoever listens to events keeps a thread for minutes; these are left for everybody else.
OTHERS = 16
threads = OTHERS + MOST_LISTENERS
graceful_timeout = 8  # Below the grace of the launcher and of Docker, which then kill.
# Beating on a disk that is busy with an ingestion would have workers killed as silent.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes the names
# Nobody in front of us says by a header where the site begins; who says so, lies.
forwarder_headers = ""
control_socket_disable = True


class logger_class(Logger):  # type: ignore[misc]  # noqa: N801 - gunicorn's name of the setting
    """Writes what gunicorn itself says of requests as the other logs are written."""

    def setup(self, cfg: Any) -> None:
        """Have records on one line each."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(OneLine(self.error_fmt, self.datefmt))


_usual_headers = Response.default_headers


def _without_server(response: Any) -> list[str]:
    """Leave out the header that names the server, for which there is no setting."""
    return [line for line in _usual_headers(response) if not line.startswith("Server:")]


Response.default_headers = _without_server


def post_worker_init(_worker: Any) -> None:
    """Have listeners leave when the process is to end, rather than wait for them."""
    from reports.http.events_stream import process_ends  # noqa: PLC0415 - needs django.setup()

    handle = signal.getsignal(signal.SIGTERM)

    def end(number: int, frame: FrameType | None) -> None:
        process_ends.set()
        if callable(handle):
            handle(number, frame)

    signal.signal(signal.SIGTERM, end)
