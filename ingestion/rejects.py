"""The rejected rows of a file as a CSV with position, value and reason."""

import csv
import os
import tempfile
from collections.abc import Sequence
from typing import IO, Self

from django.core.files import File
from django.core.files.storage import default_storage

from feeds.parsing import RejectedRow
from uptime.printing.formulas import defused

_HEADER = ("file", "line", "field", "value", "reason")
_LONGEST = 200


class Rejects:
    """Collects rejected rows on disk; ``save`` moves them to media storage.

    The first ``most`` are kept, the others are counted. Only the first row has the file's name:
    repeated thousands of times, a long one would be most of the CSV.
    """

    def __init__(self, name: str, *, most: int) -> None:
        [self._name] = defused([name])
        self._most = most
        self._kept = 0
        # Without a name, so that a killed process leaves nothing behind.
        self._file: IO[str] = tempfile.TemporaryFile(  # noqa: SIM115 - closed by exit
            "w+", encoding="utf-8", newline=""
        )
        self._rows = csv.writer(self._file, lineterminator="\n")
        self._rows.writerow(_HEADER)
        self.count = 0
        self.head = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, rows: Sequence[RejectedRow], count: int) -> None:
        """Append the rows; ``count`` is the number of rejected rows."""
        if rows and not self.head:
            self.head = f"line {rows[0].line}, {rows[0].field[:_LONGEST]}: {rows[0].reason}"
        self.count += count
        for row in rows[: self._most - self._kept]:
            self._write(row.line, row.field, row.value, row.reason)
            self._kept += 1

    def save(self, name: str) -> str:
        """Store the CSV under ``rejects/`` and return its name there; "" if there is none."""
        if not self.count:
            return ""
        if self.count > self._kept:
            more = self.count - self._kept
            self._write(
                "", "", "", f"{more} more rows were rejected; they were counted but not kept"
            )
        self._file.flush()
        # A copy of the handle: a storage may close what it is given.
        with os.fdopen(os.dup(self._file.fileno()), "rb") as written:
            written.seek(0)
            return default_storage.save(f"rejects/{name}.csv", File(written, name=f"{name}.csv"))

    def _write(self, line: int | str, field: str, value: str, reason: str) -> None:
        texts = defused([field[:_LONGEST], value[:_LONGEST]])
        self._rows.writerow((self._name, line, *texts, reason[:_LONGEST]))
        self._name = ""
