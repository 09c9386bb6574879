"""Report files in media storage: complete or absent."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage

from api.errors.storage_faults import storage_faults

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Written:
    """A stored file: its name in the storage, its size in bytes, its SHA-256 in hex."""

    name: str
    size: int
    sha256: str


def write_file(name: str, pieces: Iterable[bytes]) -> Written:
    """Store ``pieces`` as one file called ``name``, which never appears incomplete.

    On a local disk the file is written under another name and renamed. Other storages show an
    object only once it is complete, and are sent a finished temporary file.
    """
    if not isinstance(default_storage, FileSystemStorage):
        with tempfile.TemporaryFile() as file:
            size, sha256 = _copy(pieces, file)
            file.seek(0)
            return Written(name=default_storage.save(name, File(file)), size=size, sha256=sha256)
    path = Path(default_storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            size, sha256 = _copy(pieces, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return Written(name=name, size=size, sha256=sha256)


def remove_files(names: Iterable[str]) -> None:
    """Remove files that no row refers to any more.

    Failures are logged, and the file is later removed with the orphans (``retention``): the report
    has already ended, and its caller must not get an error.
    """
    for name in names:
        try:
            default_storage.delete(name)
        except storage_faults():
            logger.warning("could not remove %s; it stays an orphan for now", name, exc_info=True)


def _copy(pieces: Iterable[bytes], file: IO[bytes]) -> tuple[int, str]:
    """Write the pieces; return their number of bytes and SHA-256."""
    digest = hashlib.sha256()
    size = 0
    for piece in pieces:
        digest.update(piece)
        size += file.write(piece)
    return size, digest.hexdigest()
