"""All checks side by side, within a deadline; the last verdict is shared for a moment."""

import logging
import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import TYPE_CHECKING, Any

from storemonitor.operations.incidents import Incidents
from storemonitor.operations.lines import Line, answered
from storemonitor.readiness.checks import PARTS, Check, database_checks, database_fails
from storemonitor.readiness.services import (
    broker_check,
    broker_fails,
    storage_check,
    storage_fails,
)

if TYPE_CHECKING:
    from concurrent.futures import Future

logger = logging.getLogger(__name__)

# Leaves a second and a half of the five to send the answer, on a busy machine too.
PATIENCE_SECONDS = 3.5
_FRESH_SECONDS = 1.0

DATABASE = Line("ready-database")
_OTHERS = {"broker": Line("ready-broker"), "storage": Line("ready-storage")}
_QUESTIONS: dict[str, Callable[[], Check]] = {"broker": broker_check, "storage": storage_check}
_FAILS: dict[str, Callable[[str], Check]] = {"broker": broker_fails, "storage": storage_fails}


class Verdict:
    """Holds what was found last, so that many callers cost no more than one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: list[Check] = []
        self._found_at = float("-inf")
        self._incidents = Incidents(logger)

    def checks(self) -> list[Check]:
        """Return what was found within the last second, or check now."""
        with self._lock:
            if time.monotonic() - self._found_at > _FRESH_SECONDS:
                self._found = sorted(_checked(), key=lambda check: PARTS.index(check.part))
                self._found_at = time.monotonic()
                for check in self._found:
                    self._incidents.note(check.part, check.reason)
            return self._found


verdict = Verdict()


def _checked() -> Iterator[Check]:
    database = DATABASE.ask(database_checks)
    DATABASE.hang_up()
    asked: dict[str, Future[Any]] = {"database": database}
    asked |= {name: line.ask(_QUESTIONS[name]) for name, line in _OTHERS.items()}
    heard = answered(asked, seconds=PATIENCE_SECONDS)
    why = _fault("database", heard)
    yield from database_fails(why) if why else database.result()
    for name in _OTHERS:
        why = _fault(name, heard)
        yield _FAILS[name](why) if why else asked[name].result()


def _fault(name: str, heard: "dict[str, Future[Any]]") -> str:
    """Return why a service could not be checked, "" if it was; the log has the error itself."""
    if name not in heard:
        return f"It has not answered within {PATIENCE_SECONDS:g} s."
    error = heard[name].exception()
    if error is None:
        return ""
    logger.info("the check of the %s failed: %s", name, error)
    return f"It cannot be used ({type(error).__name__})."
