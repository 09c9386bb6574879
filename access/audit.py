"""The record of changes: a row for whoever asks later, and a line in the log.

Neither ever has bodies, queries or secrets in it. ``recording`` has those of requests and commands.
"""

import getpass
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from access.models import AuditEntry
from access.recording import Recording, current

# Its first run makes the table of entries; what it does is in the release that it comes with.
_UNRECORDED = {"migrate"}


def record(  # noqa: PLR0913 - one for each column
    *,
    who: str,
    how: AuditEntry.How,
    what: str,
    outcome: str,
    address: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down one change whose transaction is over. What cannot be stored is in the log."""
    recording = Recording(who=lambda: who, how=how, what=what, address=address)
    recording.tell(**(detail or {}))
    recording.finish(outcome)


def record_command(command: str, **detail: Any) -> None:
    """Write down a change by a command of manage.py, in the entry that it has already, if any."""
    recording = current()
    if recording is None:
        record(
            who=operator(),
            how=AuditEntry.How.COMMAND,
            what=command,
            outcome="done",
            detail=detail,
        )
    else:
        recording.tell(**detail)


@contextmanager
def recorded_command(command: str) -> Iterator[None]:
    """Record what a command changes, whichever it is, and how it ended."""
    if command in _UNRECORDED:
        yield
        return
    recording = Recording(who=operator, how=AuditEntry.How.COMMAND, what=command)
    try:
        with recording.watching():
            yield
    finally:
        recording.finish(_end(sys.exception()))


def operator() -> str:
    """Return who uses the command line; in a container a user may be a number without a name."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = f"user {os.getuid()}"
    return f"{name} on the command line"


def _end(error: BaseException | None) -> str:
    if isinstance(error, SystemExit):
        return f"exit code {error.code}" if error.code else "done"
    return type(error).__name__ if error else "done"
