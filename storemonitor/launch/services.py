"""The processes of the server, as the launcher and docker-compose.yml start them."""

import sys
from collections.abc import Mapping
from pathlib import Path

from storemonitor.launch.supervisor import Service

WEB = ("gunicorn", "-c", "python:storemonitor.web", "storemonitor.wsgi")
CELERY = ("celery", "-A", "storemonitor.celery")
# Workers need not talk to each other here, and over a folder they can not.
WORKER = (*CELERY, "worker", "--without-gossip", "--without-mingle", "--without-heartbeat")
BEAT = (*CELERY, "beat")
EMBEDDED_BEAT = "--beat"


def web(
    *, host: str, port: int, allowed_hosts: str, log: Path, others: Mapping[str, str]
) -> Service:
    """Return the web server on this address, with ``others`` in its environment as well."""
    return Service(
        name="web",
        argv=_python(*WEB),
        log=log,
        environment={"HOST": host, "PORT": str(port), "ALLOWED_HOSTS": allowed_hosts, **others},
    )


def worker(*, concurrency: int | None, log: Path, others: Mapping[str, str]) -> Service:
    """Return a worker that runs the schedule too; ``concurrency`` None leaves it to settings."""
    processes = () if concurrency is None else (f"--concurrency={concurrency}",)
    return Service(
        name="worker",
        argv=_python(*WORKER, EMBEDDED_BEAT, *processes),
        log=log,
        environment=others,
    )


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    """Return a command by its module: scripts in .venv break when the folder is moved."""
    return (sys.executable, "-m", module, *arguments)
