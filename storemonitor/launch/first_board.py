"""The snapshot that the dashboard shows is made before the start ends: the board is filled then."""

import time
from collections.abc import Iterator

from django.db import connection

from storemonitor.launch.terminal import say

# A fleet of 100,000 stores takes half a minute on one core.
LONGEST_SECONDS = 120


def await_board(ticks: Iterator[None]) -> None:
    """Wait until the board can show the data, which the worker's first sweep has queued.

    Prints a line if it could not be made; without polls there is nothing to wait for.
    """
    from dashboard.models import FleetSnapshot  # noqa: PLC0415 - needs django.setup()
    from dashboard.snapshots import services  # noqa: PLC0415
    from jobs.models import UNFINISHED  # noqa: PLC0415

    try:
        services.want_next()
        deadline = time.monotonic() + LONGEST_SECONDS
        for _ in ticks:
            last = FleetSnapshot.objects.first()
            if last is None or last.status not in UNFINISHED:
                break
            if time.monotonic() > deadline:
                say("The board is still being made; its page says when it is there.", "")
                return
        if last is not None and last.status == FleetSnapshot.Status.FAILED:
            say(f"The board could not be made: {last.error}", "")
    finally:
        connection.close()
