"""Settings of the web server: ``gunicorn -c python:storemonitor.web storemonitor.wsgi``."""

import os
from pathlib import Path

_host, _port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
graceful_timeout = 8  # Below the grace of the launcher and of Docker, which then kill.
# Beating on a disk that is busy with an ingestion would have workers killed as silent.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes the names
control_socket_disable = True
