"""Changes are recorded when they are made: the entry is stored with the first change.

The entry and the changed rows commit together or not at all, whatever the answer. Every statement
that Django sends counts: from a model, a QuerySet or raw SQL. Rows copied in bulk are covered by
the record of their ingestion.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import DatabaseError, connection, transaction

from access.models import AuditEntry

if TYPE_CHECKING:
    from django.db.models import Model

logger = logging.getLogger(__name__)

UNFINISHED = "no answer yet"
_APPS = ("auth", "access", "fleet", "ingestion", "reports", "schedules", "targets", "webhooks")
_WRITES = re.compile(
    r"\b(?:(?:INSERT(?:\s+OR\s+\w+)?|REPLACE|MERGE)\s+INTO|UPDATE|DELETE\s+FROM"
    r'|TRUNCATE(?:\s+TABLE)?)(?:\s+ONLY)?\s+(?:"?\w+"?\s*\.\s*)?"?(\w+)',
    re.IGNORECASE,
)
# After one of these, the verb that changes data may come anywhere.
_WRAPPED = re.compile(r"\s*(?:WITH\b|--|/\*)", re.IGNORECASE)
_MADE_NAMED = 20


class Recording:
    """The changes of one request or command; at most one entry."""

    def __init__(
        self, *, who: Callable[[], str], how: AuditEntry.How, what: str, address: str | None = None
    ) -> None:
        self._who = who
        self._fixed = {"how": how, "what": what[:500], "address": address}
        self._entry: AuditEntry | None = None
        self._is_committed = False
        self._tables: set[str] = set()
        self._made: list[str] = []
        self._told: dict[str, Any] = {}
        self._is_forced = False

    def tell(self, **detail: Any) -> None:
        """Add to the entry, and create one even if nothing changes in the database."""
        self.add(detail)
        self._is_forced = True

    def add(self, detail: Mapping[str, Any]) -> None:
        """Add to the entry, if there is one."""
        self._told |= detail

    def made(self, row: "Model") -> None:
        """Record the first new row."""
        if row._meta.db_table in _audited() and len(self._made) < _MADE_NAMED:
            self._made.append(f"{row._meta.label} {row.pk}")

    @contextmanager
    def watching(self) -> "Iterator[Recording]":
        """Record what this thread changes inside the block."""
        held = _open.set(self)
        try:
            with connection.execute_wrapper(self._execute):
                yield self
        finally:
            _open.reset(held)

    def finish(self, outcome: str) -> None:
        """Write the outcome to the log and the entry."""
        if not self._is_forced and not self._stands():
            return
        values = self._values(outcome)
        told = json.dumps(values["detail"])
        what, how = self._fixed["what"], self._fixed["how"]
        logger.info("%s, %s: %s: %s %s", values["who"], how, what, outcome, told)
        try:
            self._write(values)
        except DatabaseError:
            logger.exception("the audit entry of this change could not be completed: %s", what)

    def _write(self, values: dict[str, Any]) -> None:
        known = self._entry.pk if self._entry and self._stands() else None
        if known is None or not AuditEntry.objects.filter(pk=known).update(**values):
            AuditEntry.objects.create(**values)

    def _execute(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: Any, context: Any
    ) -> Any:
        """Send a statement, with the entry if it changes something. A Django execute wrapper."""
        table = _changed_table(sql)
        if table is None or _open.get() is not self:
            return execute(sql, params, many, context)
        if connection.in_atomic_block:
            result = execute(sql, params, many, context)
            if _has_changed(sql, context):
                self._begin(table)
            return result
        return self._execute_alone(table, execute, sql, params, many, context)

    def _execute_alone(self, table: str, execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        """Send a statement that is its own transaction, after the entry."""
        is_first, has_changed = self._begin(table), False
        try:
            result = execute(sql, *more)
            has_changed = _has_changed(sql, more[-1])
            return result
        finally:
            if is_first and not has_changed:
                self._forget()

    def _begin(self, table: str) -> bool:
        """Store the entry unless it is there; return whether it was stored."""
        if self._stands():
            self._tables.add(table)
            return False
        self._tables, self._is_committed = {table}, False
        self._entry = AuditEntry.objects.create(**self._values(UNFINISHED))
        transaction.on_commit(self._committed)
        return True

    def _committed(self) -> None:
        self._is_committed = True

    def _stands(self) -> bool:
        """Return whether the entry was not rolled back; Django drops its callbacks on rollback."""
        waiting = (callback for _, callback, *_ in connection.run_on_commit)
        return self._entry is not None and (self._is_committed or self._committed in waiting)

    def _forget(self) -> None:
        if self._entry is not None:
            AuditEntry.objects.filter(pk=self._entry.pk).delete()
            self._entry, self._is_committed = None, False

    def _values(self, outcome: str) -> dict[str, Any]:
        told = dict(self._told)
        if self._made:
            told["made"] = self._made
        if self._stands() or outcome == UNFINISHED:
            told["changed"] = sorted(_audited()[table] for table in self._tables)
        detail = json.loads(json.dumps(told, default=str))
        who = self._who()[:200]
        return {**self._fixed, "who": who, "outcome": outcome[:200], "detail": detail}


_open: ContextVar[Recording | None] = ContextVar("recording", default=None)


def current() -> Recording | None:
    """Return what records the changes of this thread, if anything does."""
    return _open.get()


@contextmanager
def bookkeeping() -> Iterator[None]:
    """Leave out the system's own bookkeeping, such as when a token was last used."""
    held = _open.set(None)
    try:
        yield
    finally:
        _open.reset(held)


@cache
def _audited() -> dict[str, str]:
    """Return the audited tables, each with its model's name."""
    models = apps.get_models(include_auto_created=True)
    ours = (model for model in models if model._meta.app_label in _APPS)
    return {model._meta.db_table: model._meta.label for model in ours if model is not AuditEntry}


def _has_changed(sql: str, context: Any) -> bool:
    """Return whether a statement changed any row. Inserts may not have a row count yet."""
    return not re.match(r"\s*(?:UPDATE|DELETE)", sql, re.IGNORECASE) or bool(
        context["cursor"].rowcount
    )


def _changed_table(sql: Any) -> str | None:
    if not isinstance(sql, str):
        return None
    if _WRAPPED.match(sql):
        tables = (found[1] for found in _WRITES.finditer(sql))
        return next((table for table in tables if table in _audited()), None)
    found = _WRITES.match(sql.lstrip())
    return found[1] if found and found[1] in _audited() else None
