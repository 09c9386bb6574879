"""The server's processes, as the launcher and docker-compose.yml start them."""

import sys
from collections.abc import Mapping
from pathlib import Path

from storemonitor.launch.supervisor import Service

WEB = ("gunicorn", "-c", "python:storemonitor.web", "storemonitor.wsgi")
CELERY = ("celery", "-A", "storemonitor.celery")
# Workers do not need to communicate here, and cannot over a folder.
WORKER = (*CELERY, "worker", "--without-gossip", "--without-mingle", "--without-heartbeat")
BEAT = (*CELERY, "beat")
EMBEDDED_BEAT = "--beat"


def web(
    *, host: str, port: int, allowed_hosts: str, log: Path, others: Mapping[str, str]
) -> Service:
    """Return the web server on this address, with ``others`` added to its environment."""
    return Service(
        name="web",
        argv=_python(*WEB),
        log=log,
        environment={"HOST": host, "PORT": str(port), "ALLOWED_HOSTS": allowed_hosts, **others},
    )


def worker(*, concurrency: int | None, log: Path, others: Mapping[str, str]) -> Service:
    """Return a worker with beat; ``concurrency`` None leaves the number to the settings."""
    processes = () if concurrency is None else (f"--concurrency={concurrency}",)
    return Service(
        name="worker",
        argv=_python(*WORKER, EMBEDDED_BEAT, *processes),
        log=log,
        environment=others,
    )


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    """Return a command that runs a module: scripts in .venv break when the folder is moved."""
    return (sys.executable, "-m", module, *arguments)
