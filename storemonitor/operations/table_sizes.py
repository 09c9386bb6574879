"""Table sizes from the database's statistics, without reading a row."""

from dataclasses import dataclass

from django.apps import apps
from django.db import connection

LARGEST = 6

# Partitions count towards their table. A table that was never analysed reports -1 rows; a poll
# takes 44 bytes of a page.
_POSTGRESQL = """
    SELECT coalesce(pg_partition_root(c.oid), c.oid)::regclass::text AS name,
           sum(CASE WHEN c.relispartition
                    THEN greatest(c.reltuples, pg_relation_size(c.oid) / 44)
                    ELSE nullif(c.reltuples, -1) END)::bigint,
           sum(pg_total_relation_size(c.oid))::bigint AS size
    FROM pg_class c
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    GROUP BY 1 ORDER BY size DESC, name LIMIT %s
"""


@dataclass(frozen=True, kw_only=True)
class TableSize:
    """A table's content, approximate rows, and bytes with indexes; None if unknown."""

    name: str
    rows: int | None
    bytes: int | None


def _called(table: str) -> str:
    """Return what a table's rows are called, or its own name if it has no model."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and model._meta.db_table == table:
            return str(model._meta.verbose_name_plural)
    return table


def table_sizes() -> list[TableSize]:
    """Return the largest tables, largest first; one query without a scan."""
    if connection.vendor == "postgresql":
        return _of_postgresql()
    return _of_sqlite()


def _of_postgresql() -> list[TableSize]:
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL, [LARGEST])
        return [
            TableSize(name=_called(name), rows=rows, bytes=size)
            for name, rows, size in cursor.fetchall()
        ]


def _of_sqlite() -> list[TableSize]:
    """Return the tables by their highest row id, an upper bound of their rows."""
    names = [model._meta.db_table for model in apps.get_models() if model._meta.managed]
    counted = " UNION ALL ".join(
        f"SELECT '{name}', coalesce((SELECT max(rowid) FROM {connection.ops.quote_name(name)}), 0)"  # noqa: S608 - names of our own models # nosec B608
        for name in names
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({counted}) ORDER BY 2 DESC, 1 LIMIT {LARGEST}")  # noqa: S608 - see above # nosec B608
        return [
            TableSize(name=_called(name), rows=rows, bytes=None) for name, rows in cursor.fetchall()
        ]
