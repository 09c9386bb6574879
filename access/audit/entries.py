"""The audit log: a row in the database and a line in the log for each change.

Neither contains bodies, query strings or secrets. ``recording`` writes the entries.
"""

import getpass
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from access.audit.recording import Recording, current
from access.models import AuditEntry

# Its first run creates the audit table. What it changes comes with the release.
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
    """Record one change after its transaction. If the row cannot be stored, the log has it."""
    recording = Recording(who=lambda: who, how=how, what=what, address=address)
    recording.tell(**(detail or {}))
    recording.finish(outcome)


def record_command(command: str, **detail: Any) -> None:
    """Record a change made by a command of manage.py, in the command's entry if it has one."""
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
    """Record what a command changes and how it ended."""
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
    """Return who uses the command line; a user in a container may have a number and no name."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = f"user {os.getuid()}"
    return f"{name} on the command line"


def _end(error: BaseException | None) -> str:
    if isinstance(error, SystemExit):
        return f"exit code {error.code}" if error.code else "done"
    return type(error).__name__ if error else "done"
