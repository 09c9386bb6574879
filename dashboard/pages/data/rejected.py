"""The rejected rows of a file, one page at a time."""

import csv
import io
from itertools import islice
from typing import TYPE_CHECKING

from api.errors.storage_faults import storage_faults
from dashboard.pages.paging import Paged, paged, places

if TYPE_CHECKING:
    from django.db.models.fields.files import FieldFile


def rejected_rows(file: "FieldFile", number: int) -> Paged | str:
    """Return a page of rows with ``line``, ``field``, ``value`` and ``reason``.

    A text instead says why the file cannot be read.
    """
    try:
        with file.open("rb") as opened:
            text = io.TextIOWrapper(opened, "utf-8", "replace", newline="")
            place = places(number)
            return paged(islice(csv.DictReader(text), place.start, place.stop), number)
    except storage_faults() as error:
        return f"The rejected rows cannot be read: {error}"
