"""Beat, which adds no sweep to those that wait already.

Messages do not expire, since the clocks of two machines would have to agree on when. So without a
worker they would pile up, and one that comes back would work through all of them.
"""

import logging
from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry
from django.conf import settings

from storemonitor.operations.queue_depth import queue_depth

logger = logging.getLogger(__name__)

QUEUE = "sweep"


class Scheduler(PersistentScheduler):  # type: ignore[misc]
    """Celery's scheduler, for a queue that is worked through."""

    def apply_async(
        self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **options: Any
    ) -> Any:
        """Send the message of a task, unless it is a sweep and enough of these wait."""
        if str(entry.task).endswith(".sweep") and self._is_behind():
            logger.warning("%s was left out: the sweeps sent before it still wait", entry.task)
            return None
        return super().apply_async(entry, producer=producer, advance=advance, **options)

    def _is_behind(self) -> bool:
        """Tell whether two of each wait; a queue that cannot be asked is taken to be empty."""
        sweeps = sum(name.startswith("sweep ") for name in settings.CELERY_BEAT_SCHEDULE)
        waiting = queue_depth(QUEUE).waiting
        return waiting is not None and waiting >= 2 * sweeps
