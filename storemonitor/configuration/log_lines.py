"""One record, one line: input from outside cannot end a log line or control a terminal."""

import logging

from structlog.contextvars import get_contextvars

_INDENT = "    "


def escaped(text: str) -> str:
    """Return text with unprintable characters escaped as in Python: line ends, ESC, surrogates."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


class OneLine(logging.Formatter):
    """Escapes the message; a traceback follows in lines of its own, all of them indented.

    A message ends with the id of its request, if it has one.
    """

    def format(self, record: logging.LogRecord) -> str:
        request_id = get_contextvars().get("request_id")
        of_request = f" [{request_id}]" if request_id else ""
        record.message = escaped(record.getMessage() + of_request)
        if self.usesTime():
            record.asctime = self.formatTime(record, self.datefmt)
        more = record.exc_text or ""
        if record.exc_info and not more:
            more = self.formatException(record.exc_info)
        stack = self.formatStack(record.stack_info) if record.stack_info else ""
        below = [_INDENT + escaped(line) for line in f"{more}\n{stack}".splitlines() if line]
        return "\n".join([self.formatMessage(record), *below])
