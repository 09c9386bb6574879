"""Limits of zip archives: listed in bounded memory, unpacked piece by piece."""

import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import IO, cast

from feeds.errors import UnusableFile
from feeds.files.streams import check_ratio, naming

MOST_ENTRIES = 1000
# Room for a thousand entries with names of the usual greatest length.
_DIRECTORY_BYTES = 1024 * 1024
# zipfile unpacks these piece by piece. It unpacks LZMA and bzip2 whole, whatever the size.
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_NAMES = {zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "LZMA", 9: "Deflate64", 93: "zstd"}
_ENCRYPTED = 1


def members(
    name: str, opener: Callable[[], AbstractContextManager[IO[bytes]]]
) -> list[zipfile.ZipInfo]:
    """Return the entries of an archive; UnusableFile if it is damaged or has too many."""
    with naming(name), opener() as raw:
        listed = cast("IO[bytes]", _Listed(raw, name))
        with zipfile.ZipFile(listed) as archive:
            entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise _too_many(name)
    return entries


def check(member: zipfile.ZipInfo, name: str) -> None:
    """Raise UnusableFile for a member, called ``name`` in messages, that cannot be unpacked."""
    if member.flag_bits & _ENCRYPTED:
        raise UnusableFile(f"{name} is encrypted: create it without a password")
    if member.compress_type not in _METHODS:
        method = _NAMES.get(member.compress_type, "an unknown method")
        raise UnusableFile(f"{name} is compressed with {method}: use deflate, the zip default")
    check_ratio(name, packed=member.compress_size, unpacked=member.file_size)


class _Listed:
    """An archive whose directory is being read: zipfile reads all of it, whatever the size."""

    def __init__(self, raw: IO[bytes], name: str) -> None:
        self._raw = raw
        self._name = name
        self.seek = raw.seek
        self.tell = raw.tell
        self.seekable = raw.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _DIRECTORY_BYTES:
            raise _too_many(self._name)
        return self._raw.read(size)


def _too_many(name: str) -> UnusableFile:
    return UnusableFile(f"{name} has more than the {MOST_ENTRIES:,} entries allowed")
