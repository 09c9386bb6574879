"""Clocks for tests: the database's and everybody's, or a worker's alone.

``time_machine`` alone moves what a process takes for the time, and leaves the database's as it is:
a worker whose clock is off.
"""

from contextlib import contextmanager
from unittest.mock import patch

import time_machine
from django.utils import timezone


@contextmanager
def standing_still(at=None):
    """Have every clock, the database's too, stand still at an instant until it is moved."""
    with (
        patch("jobs.clock.now", timezone.now),
        time_machine.travel(at or timezone.now(), tick=False) as moved,
    ):
        yield moved
