"""The first rows of a CSV in media storage, without reading the rest."""

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.errors.storage_faults import storage_faults

if TYPE_CHECKING:
    from django.db.models.fields.files import FieldFile

MOST_BYTES = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A header and the rows below it, or why there are none."""

    header: list[str]
    rows: list[list[str]]
    fault: str = ""


def first_rows(file: "FieldFile", count: int) -> Preview:
    """Return the header and up to ``count`` rows from the first 64 kB of the file."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES)
    except storage_faults() as error:
        return Preview(header=[], rows=[], fault=f"The file cannot be read: {error}")
    text = data.decode("utf-8", "replace")
    if len(data) == MOST_BYTES:
        # The last line may be incomplete.
        text = text[: text.rfind("\n") + 1]
    rows = list(csv.reader(io.StringIO(text)))[: count + 1]
    return Preview(header=rows[0] if rows else [], rows=rows[1:])
