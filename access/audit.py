"""The record of changes: a row for whoever asks later, and a line in the log at once.

Neither ever has bodies, queries or secrets in it.
"""

import getpass
import json
import logging
import os
from collections.abc import Mapping
from typing import Any

from django.db import DatabaseError

from access.models import AuditEntry

logger = logging.getLogger(__name__)


def record(  # noqa: PLR0913 - one for each column
    *,
    who: str,
    how: AuditEntry.How,
    what: str,
    outcome: str,
    address: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down one change, whose transaction is over. What cannot be stored is in the log."""
    told = dict(detail or {})
    logger.info("%s, %s: %s: %s %s", who, how.value, what, outcome, json.dumps(told, default=str))
    try:
        AuditEntry.objects.create(
            who=who[:200],
            how=how,
            what=what[:500],
            outcome=outcome[:200],
            address=address,
            detail=json.loads(json.dumps(told, default=str)),
        )
    except DatabaseError:
        logger.exception("the audit entry of this change could not be stored: %s", what)


def record_command(command: str, *, outcome: str = "done", **detail: Any) -> None:
    """Write down a change by a command of manage.py."""
    record(
        who=operator(),
        how=AuditEntry.How.COMMAND,
        what=command,
        outcome=outcome,
        detail=detail,
    )


def operator() -> str:
    """Return who uses the command line; in a container a user may be a number without a name."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = f"user {os.getuid()}"
    return f"{name} on the command line"
