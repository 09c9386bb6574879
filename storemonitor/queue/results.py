"""Storage of Celery's task results: a table for operators, which nothing else reads."""

from typing import Any

from celery.utils.log import get_logger
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django_celery_results.backends.database import DatabaseBackend

logger = get_logger(__name__)


class ResultBackend(DatabaseBackend):  # type: ignore[misc]
    """Stores results if possible.

    A worker's main process stores some itself, such as those of expired tasks, over a connection
    that it keeps for days. An exception there would end the worker.
    """

    def _store_result(self, task_id: str, result: Any, status: str, *args: Any, **more: Any) -> Any:
        """Store a result; over a new connection if the old one is dead, otherwise not at all."""
        try:
            try:
                return super()._store_result(task_id, result, status, *args, **more)
            except (OperationalError, InterfaceError):
                connection.close()
                return super()._store_result(task_id, result, status, *args, **more)
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            logger.warning("the result %s of task %s was not stored: %s", status, task_id, error)
            return result
