"""Clocks for tests: all of them including the database's, or only a worker's.

``time_machine`` alone moves the clock of a process, not the database's: a worker whose clock is
off.
"""

from contextlib import contextmanager
from unittest.mock import patch

import time_machine
from django.utils import timezone


@contextmanager
def standing_still(at=None):
    """Stop every clock, including the database's, at an instant until it is moved."""
    with (
        patch("jobs.clock.now", timezone.now),
        time_machine.travel(at or timezone.now(), tick=False) as moved,
    ):
        yield moved
