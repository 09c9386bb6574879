"""One record, one line: what somebody sent cannot end a line of the log or steer a terminal."""

import logging

_INDENT = "    "


def escaped(text: str) -> str:
    """Return text with what does not print written as Python writes it: line ends, ESC, halves."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


class OneLine(logging.Formatter):
    """Escapes the message; a traceback follows in lines of its own, all of them indented."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as it stands in the log."""
        record.message = escaped(record.getMessage())
        if self.usesTime():
            record.asctime = self.formatTime(record, self.datefmt)
        more = record.exc_text or ""
        if record.exc_info and not more:
            more = self.formatException(record.exc_info)
        stack = self.formatStack(record.stack_info) if record.stack_info else ""
        below = [_INDENT + escaped(line) for line in f"{more}\n{stack}".splitlines() if line]
        return "\n".join([self.formatMessage(record), *below])
