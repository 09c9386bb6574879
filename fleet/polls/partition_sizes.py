"""The sizes of poll partitions, without reading them."""

from datetime import datetime, timedelta

from django.db import connection

from fleet.polls.partitions import Week, existing_weeks

# A poll takes 44 bytes of a page; the planner's own count is outdated until the next analysis.
_ROWS = "greatest(c.reltuples, pg_relation_size(c.oid) / 44)::bigint"
_WEEK = timedelta(weeks=1)


def size(week: Week) -> tuple[int, int]:
    """Return a week's rows, as estimated by the planner, and its bytes with the index."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(sum({_ROWS}), 0)::bigint,"  # noqa: S608 - a constant # nosec B608
            " coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint"
            " FROM pg_partition_tree(%s::regclass) t JOIN pg_class c ON c.oid = t.relid"
            " WHERE t.isleaf",
            [week.table],
        )
        rows, size = cursor.fetchone()
    return rows, size


def estimates(since: datetime, until: datetime) -> dict[int, int]:
    """Return roughly how many polls each block of stores has from ``since`` to ``until``.

    A week that is partly inside counts by its share; the first and last existing weeks count whole,
    since they begin late and end early.
    """
    found: dict[int, int] = {}
    weeks = existing_weeks()
    for week in weeks:
        overlap = min(week.end, until) - max(week.start, since)
        share = 1.0 if week in {weeks[0], weeks[-1]} else overlap / _WEEK
        if overlap >= timedelta():
            for block, rows in _rows_of_blocks(week).items():
                found[block] = found.get(block, 0) + round(rows * share)
    return found


def _rows_of_blocks(week: Week) -> dict[int, int]:
    """Return the rows of each block of a week, as estimated by the planner."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.relname, {_ROWS}"  # noqa: S608 - a constant # nosec B608
            " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = %s::regclass",
            [week.table],
        )
        return {int(name.rpartition("_")[2]): rows for name, rows in cursor.fetchall()}
