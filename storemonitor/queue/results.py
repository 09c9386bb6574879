"""Where Celery keeps the results of tasks: a table that operators look at and nothing reads."""

from typing import Any

from celery.utils.log import get_logger
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django_celery_results.backends.database import DatabaseBackend

logger = get_logger(__name__)


class ResultBackend(DatabaseBackend):  # type: ignore[misc]
    """Stores results where it can.

    A worker's main process stores some itself, those of tasks that expired among them, over a
    connection that it keeps for days. An exception there ends the worker.
    """

    def _store_result(self, task_id: str, result: Any, status: str, *args: Any, **more: Any) -> Any:
        """Store a result; over a new connection if the kept one is dead, and else not at all."""
        try:
            try:
                return super()._store_result(task_id, result, status, *args, **more)
            except (OperationalError, InterfaceError):
                connection.close()
                return super()._store_result(task_id, result, status, *args, **more)
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            logger.warning("the result %s of task %s is not stored: %s", status, task_id, error)
            return result
