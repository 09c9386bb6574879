"""The rejected rows of a file, as a CSV that says for each where it stood and what was wrong."""

import csv
import tempfile
from collections.abc import Iterable
from typing import IO, Self

from django.core.files import File
from django.core.files.storage import default_storage

from ingestion.parsing import RejectedRow

_HEADER = ("file", "line", "field", "value", "reason")
# What a spreadsheet takes for a formula, and the apostrophe that keeps it from doing so: taking
# the first apostrophe of a cell off gives back what was sent.
_FORMULA_STARTS = frozenset("=+-@\t\r\n'")


class Rejects:
    """Collects rejected rows on disk; ``save`` moves them to media storage."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._file: IO[str] = tempfile.NamedTemporaryFile(  # noqa: SIM115 - closed by exit
            "w+", encoding="utf-8", newline="", prefix="rejects-"
        )
        self._rows = csv.writer(self._file, lineterminator="\n")
        self._rows.writerow(_HEADER)
        self.count = 0
        self.head = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, rows: Iterable[RejectedRow]) -> None:
        """Write the rows behind those already there."""
        for row in rows:
            self.head = self.head or f"line {row.line}, {row.field}: {row.reason}"
            self.count += 1
            sent = _defused(self._name), row.line, row.field, _defused(row.value)
            self._rows.writerow((*sent, row.reason))

    def save(self, name: str) -> str:
        """Store the CSV under ``rejects/`` and return its name there; "" if there is none."""
        if not self.count:
            return ""
        self._file.flush()
        with open(self._file.name, "rb") as written:  # noqa: PTH123 - the name of an open file
            return default_storage.save(f"rejects/{name}.csv", File(written))


def _defused(text: str) -> str:
    """Return what strangers sent so that no spreadsheet runs it."""
    return f"'{text}" if text[:1] in _FORMULA_STARTS else text
