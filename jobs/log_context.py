"""What log lines tell besides their text: the request, its sender, and the job they are about.

A request's id goes with the messages it sends, so that the lines of the worker have it too. But a
worker takes the job whose turn it is, which need not be the one in the message: then the lines are
about another request, whose id is not known, and have none.
"""

from typing import TYPE_CHECKING, Any

from structlog import contextvars

if TYPE_CHECKING:
    from collections.abc import Mapping

# The key of a message's headers.
HEADER = "storemonitor"
_OF_REQUEST = ("request_id", "user")
_RANDOM_ID = 36


def begin(**values: object) -> None:
    """Begin a request or a task: forget what was told before."""
    contextvars.clear_contextvars()
    contextvars.bind_contextvars(**values)


def end() -> None:
    contextvars.clear_contextvars()


def about(job: Any) -> None:
    """Tell from now on that lines are about this job, to the end of the request or task."""
    names: Mapping[str, str] = getattr(job, "log_names", {})
    message = contextvars.get_contextvars().get("task_id")
    if names and message and not _belongs(message, job.message):
        contextvars.unbind_contextvars(*_OF_REQUEST)
    contextvars.bind_contextvars(**names)


def for_message(task_id: str) -> dict[str, str]:
    """Return what a message takes along; nothing if it is about another job than this task's."""
    told = contextvars.get_contextvars()
    current = told.get("task_id", "")
    if current and len(task_id) != _RANDOM_ID and not _belongs(task_id, current):
        return {}
    texts = ((name, str(told.get(name, ""))) for name in _OF_REQUEST)
    return {name: text for name, text in texts if text}


def _belongs(message: str, job: str) -> bool:
    """Tell whether a message's id is that of a job or of a part of it."""
    return message == job or message.startswith(f"{job}-")
