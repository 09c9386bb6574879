"""Messages take the id of their request along, tasks begin with it, and workers log as we do."""

from typing import Any

from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun

from jobs import log_context


@setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Keep Celery from setting its own level, which would hide everything below warnings."""


@before_task_publish.connect
def take_along(headers: dict[str, Any] | None = None, **_: object) -> None:
    """Put the request's id and sender into the headers of a message."""
    if headers is not None:
        headers[log_context.HEADER] = log_context.for_message(str(headers.get("id", "")))


@task_prerun.connect
def begin(task_id: str, task: Any, **_: object) -> None:
    """Begin a task with what its message took along."""
    told = getattr(task.request, log_context.HEADER, None) or {}
    log_context.begin(task=task.name, task_id=task_id, **told)


@task_postrun.connect
def end(**_: object) -> None:
    """Forget the task: the lines of a worker between two tasks are about neither."""
    log_context.end()
