"""One line in the log when something begins to fail and one when it works again."""

import logging
from threading import Lock


class Incidents:
    """Remembers what fails, since monitors ask every few seconds."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._failing: set[str] = set()
        self._lock = Lock()

    def note(self, what: str, reason: str) -> None:
        """Log the first failure of something, and the end of its failures (no reason)."""
        with self._lock:
            if bool(reason) == (what in self._failing):
                return
            self._failing ^= {what}
        if reason:
            self._logger.warning("%s: %s", what, reason)
        else:
            self._logger.info("%s: works again", what)
