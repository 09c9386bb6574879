"""How a week of polls goes on PostgreSQL, while others read and write."""

import logging

from django.db import connection, transaction
from psycopg import sql

from ingestion import partitions
from ingestion.partitions import Week

logger = logging.getLogger(__name__)


def drop_week(week: Week) -> None:
    """Drop a week of polls; readers are not kept waiting. Not inside a transaction.

    A drop that was killed at any point is finished by the next. A week that an ingestion takes
    back meanwhile stays until then.
    """
    state = partitions.link(week)
    if state == "attached":
        partitions.detach(week, "CONCURRENTLY")
    elif state == "pending":
        partitions.detach(week, "FINALIZE")
    with transaction.atomic():
        partitions.lock()
        state = partitions.link(week)
        if state == "loose":
            _drop(week)
        elif state != "missing":
            logger.warning("the week from %s stays: polls came in for it", week.start.date())


def _drop(week: Week) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(week.table)))
