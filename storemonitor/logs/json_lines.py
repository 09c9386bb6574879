"""One record, one JSON object on one line, for programs that collect logs."""

from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter


class JsonLine(ProcessorFormatter):
    """Renders the records of the standard library, which all of our code and all libraries use.

    JSON escapes what could end a line or control a terminal.
    """

    def __init__(self) -> None:
        super().__init__(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                _with_user_if_known,
            ],
            processors=[
                ProcessorFormatter.remove_processors_meta,
                structlog.processors.EventRenamer("message"),
                structlog.processors.JSONRenderer(),
            ],
        )


def _with_user_if_known(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Write the sender's name, which is known once the request has been authenticated."""
    user = str(event.pop("user", ""))
    return {**event, "user": user} if user else event
