"""The download formats of a report."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import pyarrow as pa
import xlsxwriter

from reports.exports.blocks import Stored
from reports.exports.json_text import write_json, write_ndjson
from reports.exports.parquet import write_parquet
from reports.exports.xlsx import ROW_LIMIT, write_xlsx

Writer = Callable[[Stored, bytes, IO[bytes]], None]


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format, identified by the suffix of its files.

    ``write`` creates it from the stored CSV: source, facts about the report (JSON), target; None is
    the CSV itself. ``made_by`` is what else the bytes depend on. A ``packable`` format is text.
    """

    suffix: str
    media_type: str
    write: Writer | None
    packable: bool = True
    made_by: str = ""
    row_limit: int | None = None

    def version(self, sha256: str) -> str:
        """Return what identifies this format's bytes for a CSV with that checksum."""
        return "-".join(filter(None, [sha256, self.write and self.suffix, self.made_by]))


CSV = Format(suffix="csv", media_type="text/csv; charset=utf-8", write=None)
_ALL = (
    CSV,
    Format(suffix="json", media_type="application/json", write=write_json),
    Format(suffix="ndjson", media_type="application/x-ndjson", write=write_ndjson),
    Format(
        suffix="xlsx",
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        write=write_xlsx,
        packable=False,
        made_by=xlsxwriter.__version__,
        row_limit=ROW_LIMIT,
    ),
    Format(
        suffix="parquet",
        media_type="application/vnd.apache.parquet",
        write=write_parquet,
        packable=False,
        made_by=pa.__version__,
    ),
)
FORMATS = {form.suffix: form for form in _ALL}
