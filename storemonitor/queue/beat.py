"""Beat, which sends no sweeps while earlier ones are waiting.

Messages do not expire, since the clocks of two machines would have to agree. So without a worker
they would pile up, and a worker that returns would have to process all of them.
"""

import logging
from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry, SchedulingError
from django.conf import settings

from api.broker_faults import BROKER_FAULTS
from storemonitor.operations.queue_depth import queue_depth

logger = logging.getLogger(__name__)

QUEUE = "sweep"


class Scheduler(PersistentScheduler):  # type: ignore[misc]
    """Celery's scheduler, which leaves out sweeps that would pile up."""

    def apply_async(
        self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **options: Any
    ) -> Any:
        """Send the message of a task, unless it is a sweep and enough sweeps are waiting."""
        if str(entry.task).endswith(".sweep") and self._is_behind():
            logger.warning("%s was skipped: earlier sweeps are still waiting", entry.task)
            return None
        try:
            return super().apply_async(entry, producer=producer, advance=advance, **options)
        except SchedulingError as error:
            cause = error.__context__
            if not isinstance(cause, BROKER_FAULTS):
                raise
            # In a line: Celery would log two stack traces.
            logger.warning("%s was not sent: no broker: %s", entry.task, cause)
            return None

    def _is_behind(self) -> bool:
        """Tell whether two of each sweep wait; a queue that cannot be read counts as empty."""
        sweeps = sum(name.startswith("sweep ") for name in settings.CELERY_BEAT_SCHEDULE)
        waiting = queue_depth(QUEUE).waiting
        return waiting is not None and waiting >= 2 * sweeps
