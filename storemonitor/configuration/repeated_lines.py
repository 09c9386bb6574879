"""One incident, a handful of lines: what repeats is counted instead of written again and again.

While the database or the broker is away, every task and every request fails in the same way; at an
ordinary load that was a thousand lines a minute, most of them tracebacks of libraries.
"""

import errno
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError

from api.broker_faults import BROKER_FAULTS

SECONDS = 60.0
MOST = 3  # Lines of one kind within that time.
MOST_KINDS = 1000
# Who was refused and from where is evidence, and is in the log only.
EVIDENCE = ("access.", "django.security.")
# The message says it all; no line of ours is to blame.
OUTAGES: tuple[type[BaseException], ...] = (
    OperationalError,
    InterfaceError,
    RedisError,
    *BROKER_FAULTS,
)
NO_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
# Ids, ports, instants and durations: what differs between two lines of one kind.
_VARIES = re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\d+")


@dataclass
class _Kind:
    since: float
    lines: int = 0
    left_out: int = 0


class Repeats(logging.Filter):
    """Passes the first warnings and errors of a kind within a minute and counts the others.

    The next line of the kind says how many there were. Tracebacks are kept for the first one, and
    for no outage.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[tuple[str, str], _Kind] = {}
        self._lock = Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether to write the record; shortens or completes it."""
        if record.levelno < logging.WARNING or record.name.startswith(EVIDENCE):
            return True
        message = record.getMessage()
        with self._lock:
            kind, before = self._noted((record.name, _VARIES.sub("#", message)))
        if kind.lines > MOST:
            return False
        if before:
            record.msg, record.args = f"{message} ({before} more like this before)", ()
        if kind.lines > 1 or _is_outage(record):
            record.exc_info = record.exc_text = None
        return True

    def _noted(self, name: tuple[str, str]) -> tuple[_Kind, int]:
        """Count a line of a kind; return the kind, and what was left out before its minute."""
        now, before = self._clock(), 0
        kind = self._kinds.get(name)
        if kind is None or now - kind.since >= SECONDS:
            before = kind.left_out if kind else 0
            self._forget(now)
            kind = self._kinds[name] = _Kind(now)
        kind.lines += 1
        kind.left_out += kind.lines > MOST
        return kind, before

    def _forget(self, now: float) -> None:
        """Drop old kinds before there are too many of them."""
        if len(self._kinds) >= MOST_KINDS:
            kept = self._kinds.items()
            self._kinds = {name: kind for name, kind in kept if now - kind.since < SECONDS}


def _is_outage(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return isinstance(error, OUTAGES) or (isinstance(error, OSError) and error.errno in NO_DISK)
