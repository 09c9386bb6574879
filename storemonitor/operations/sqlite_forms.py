"""Constraints of a table on SQLite: Django's own reader cannot parse the composite key of polls."""

import re
from typing import Any

_NAMED = re.compile(r'CONSTRAINT\s+"?(\w+)"?', re.IGNORECASE)


def sqlite_constraints(cursor: Any, table: str) -> dict[str, dict[str, Any]]:
    """Return constraints and indexes by name, as ``introspection.get_constraints`` does."""
    cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [table])
    [(statement,)] = cursor.fetchall()
    found = {name: _constraint() for name in _NAMED.findall(statement)}
    cursor.execute('SELECT name, "unique" FROM pragma_index_list(%s)', [table])
    for name, unique in cursor.fetchall():
        cursor.execute("SELECT name FROM pragma_index_info(%s) ORDER BY seqno", [name])
        columns = [column for (column,) in cursor.fetchall()]
        found[name] = _constraint(columns=columns, unique=bool(unique), index=True)
    cursor.execute('SELECT "from" FROM pragma_foreign_key_list(%s)', [table])
    for (column,) in cursor.fetchall():
        found[f"foreign key {column}"] = _constraint(columns=[column], foreign_key=True)
    cursor.execute("SELECT name FROM pragma_table_info(%s) WHERE pk > 0 ORDER BY pk", [table])
    key = [column for (column,) in cursor.fetchall()]
    found["primary key"] = _constraint(columns=key, primary_key=True, unique=True)
    return found


def _constraint(**values: Any) -> dict[str, Any]:
    usual = {"columns": [], "primary_key": False, "unique": False, "foreign_key": None}
    return {**usual, "index": False, **values}
