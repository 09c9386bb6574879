"""``manage.py mend_tables``: create again what the tables have lost."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand
from django.db import IntegrityError, connection
from psycopg import sql

from access.audit.entries import record_command
from fleet.polls import loose
from fleet.polls.store_indexes import index_by_store
from storemonitor.operations.table_parts import invalid_indexes, missing


class Command(BaseCommand):
    """Creates missing indexes and constraints, and attaches partitions that were cut off."""

    help = (
        "Create missing indexes and constraints of our tables again, rebuild invalid indexes, and"
        " attach detached partitions of polls. Rows are not changed; to do it twice does no harm."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        done = [
            f"made {one.text}" for one in missing() if one.mend and self._made(one.text, one.mend)
        ]
        if connection.vendor == "postgresql":
            done += [self._rebuilt(name) for name, _ in invalid_indexes()]
            done += loose.mend()
            indexed = index_by_store()
            done += [f"indexed {indexed} parts of past weeks by store"] if indexed else []
        for line in done:
            self.stdout.write(line)
        if done:
            record_command("mend_tables", done=done)
        else:
            self.stdout.write("Nothing was missing.")

    def _made(self, what: str, mend: Callable[[], None]) -> bool:
        """Make a part of a table; say so if rows that came in meanwhile do not allow it."""
        try:
            mend()
        except IntegrityError as error:
            self.stderr.write(f"{what} cannot be made: correct the rows first. {error}")
            return False
        return True

    def _rebuilt(self, index: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("REINDEX INDEX CONCURRENTLY {}").format(sql.Identifier(index)))
        return f"rebuilt {index}"
