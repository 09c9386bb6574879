"""Instants, durations, sizes and file locations as text for people."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.files.storage import FileSystemStorage

if TYPE_CHECKING:
    from django.db.models.fields.files import FieldFile

NONE = "-"


def utc(instant: datetime | None) -> str:
    """Return an aware instant to the second, in UTC, as shown in the admin."""
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant else NONE


def duration(started_at: datetime | None, finished_at: datetime | None) -> str:
    """Return the seconds between two instants, such as ``2.4 s``, on one line."""
    if started_at is None or finished_at is None:
        return NONE
    return f"{(finished_at - started_at) / timedelta(seconds=1):,.1f}\N{NO-BREAK SPACE}s"


def size(count: int | None) -> str:
    """Return a number of bytes in kB, such as ``871.2 kB``, on one line."""
    return NONE if count is None else f"{count / 1000:,.1f}\N{NO-BREAK SPACE}kB"


def stored_at(file: "FieldFile") -> str:
    """Return the path of a stored file, or its name if the storage has no paths (a bucket)."""
    return (file.path if isinstance(file.storage, FileSystemStorage) else file.name) or ""
