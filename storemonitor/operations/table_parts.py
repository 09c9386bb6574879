"""The parts of tables that their models declare: which are missing, and how to make them again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import BaseConstraint, Index, Model
from django.db.models.fields.related import ForeignKey

from storemonitor.operations.sqlite_forms import sqlite_constraints

# An index that is being built at this moment is not valid yet.
_INVALID = """
    SELECT c.relname, x.indrelid::regclass::text
    FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
    WHERE NOT x.indisvalid AND c.relkind = 'i'
      AND c.relnamespace = current_schema()::regnamespace
      AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p
                      WHERE p.index_relid = x.indexrelid)
    ORDER BY 1
"""
_COLUMNS = {
    "postgresql": "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s)"
    " AND attnum > 0 AND NOT attisdropped",
    "sqlite": "SELECT name FROM pragma_table_xinfo(%s)",
}
_Found = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A part of a table that its model declares; ``mend`` makes it if that can be done safely."""

    text: str
    mend: Callable[[], None] | None = None


def invalid_indexes() -> list[tuple[str, str]]:
    """Return the indexes whose building was cut short, each with its table."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_INVALID)
        return [(name, table) for name, table in cursor.fetchall()]


def missing() -> Iterator[Missing]:
    """Yield everything that the tables lack."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        if model._meta.db_table not in tables:
            yield Missing(text=f"table {model._meta.db_table}")
        else:
            yield from _missing_in(model)


def _missing_in(model: type[Model]) -> Iterator[Missing]:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS[connection.vendor], [table])
        columns = {name for (name,) in cursor.fetchall()}
        found = _constraints(cursor, table)
    for field in model._meta.local_concrete_fields:
        if field.column and field.column not in columns:
            yield Missing(text=f"column {table}.{field.column}")
        elif field.column:
            yield from _missing_of(field, table, found)
    names = {name.lower() for name in found}
    for index in model._meta.indexes:
        if index.name.lower() not in names:
            yield Missing(text=f"index {index.name}", mend=partial(_add_index, model, index))
    for one in model._meta.constraints:
        if one.name.lower() not in names:
            yield Missing(text=f"constraint {one.name}", mend=partial(_add_constraint, model, one))


def _constraints(cursor: Any, table: str) -> _Found:
    if connection.vendor == "sqlite":
        return sqlite_constraints(cursor, table)
    found: _Found = connection.introspection.get_constraints(cursor, table)
    return found


def _missing_of(field: Any, table: str, found: _Found) -> Iterator[Missing]:
    """Yield the unnamed constraints of one column that are missing."""
    mine = [one for one in found.values() if one["columns"] == [field.column]]
    place = f"{table}.{field.column}"
    if field.primary_key and not any(one["primary_key"] for one in mine):
        yield Missing(text=f"primary key {place}")
    elif field.unique and not any(one["unique"] for one in mine):
        yield Missing(text=f"unique constraint on {place}")
    is_foreign = isinstance(field, ForeignKey) and vars(field)["db_constraint"]
    if is_foreign and not any(one["foreign_key"] for one in mine):
        yield Missing(text=f"foreign key {place}")
    if field.db_index and not field.unique and not any(one["index"] for one in mine):
        yield Missing(text=f"index on {place}")


def _add_index(model: type[Model], index: Index) -> None:
    with connection.schema_editor() as editor:
        editor.add_index(model, index)


def _add_constraint(model: type[Model], constraint: BaseConstraint) -> None:
    with connection.schema_editor() as editor:
        editor.add_constraint(model, constraint)
