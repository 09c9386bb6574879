"""The bytes of one file while it is read: detected, counted, hashed, decompressed."""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Protocol, Self

import pyarrow as pa

from feeds.errors import UnusableFile
from feeds.files import formats

# Polls compress to a tenth or a thirtieth; the same row repeated, to a thousandth or less.
MOST_RATIO = 250
_RATIO_FROM = 64 * 1024 * 1024


class Readable(Protocol):
    """Anything with ``read(n)``, which returns at most n bytes, none at the end."""

    def read(self, size: int, /) -> bytes: ...


class Replay:
    """A raw stream whose first four bytes, ``head``, are known before it is read."""

    def __init__(self, raw: Readable) -> None:
        self._raw = raw
        self.head = b""
        # A pipe may return fewer bytes than asked for.
        while len(self.head) < 4 and (more := raw.read(4 - len(self.head))):
            self.head += more
        self._unread = self.head

    def read(self, size: int, /) -> bytes:
        """Return the head first, then the rest."""
        data = self._unread or self._raw.read(size)
        self._unread = b""
        return data


class _Metered:
    """A raw stream that counts and hashes the bytes read, with the interface Arrow needs."""

    closed = False

    def __init__(self, raw: Readable) -> None:
        self._raw = raw
        self._hash = hashlib.sha256()
        self.position = 0
        self.sha256 = ""

    def read(self, size: int, /) -> bytes:
        """Read on; at the end ``sha256`` is set."""
        data = self._raw.read(size)
        self._hash.update(data)
        self.position += len(data)
        if not data:
            self.sha256 = self._hash.hexdigest()
        return data

    def close(self) -> None:
        """Leave the raw stream open: its opener closes it."""


class SourceStream:
    """The uncompressed bytes of one source, as a context manager.

    Raises UnusableFile, naming the file, if it cannot be opened, is damaged, or decompresses to
    more than ``limit`` bytes or ``MOST_RATIO`` times its size.
    """

    def __init__(
        self,
        name: str,
        opener: Callable[[], AbstractContextManager[Readable]],
        limit: int | None = None,
    ) -> None:
        self.name = name
        self._opener = opener
        self._limit = limit
        self._unpacked = 0

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            with naming(self.name):
                replay = Replay(exits.enter_context(self._opener()))
            self._exits = exits.pop_all()
        self._raw = _Metered(replay)
        self._text: Readable = self._raw
        packing = formats.compression(replay.head)
        if packing in {formats.GZIP, formats.ZSTD}:
            # Both support concatenated members and detect truncated files.
            self._text = pa.CompressedInputStream(pa.PythonFile(self._raw, "r"), packing)
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def read(self, size: int) -> bytes:
        """Return at most ``size`` uncompressed bytes, none at the end."""
        with naming(self.name):
            data = self._text.read(size)
        self._unpacked += len(data)
        if self._limit is not None and self._unpacked > self._limit:
            raise UnusableFile(
                f"{self.name} decompresses to more than the {self._limit:,} bytes allowed"
            )
        check_ratio(self.name, packed=self._raw.position, unpacked=self._unpacked)
        return data

    @property
    def position(self) -> int:
        """Raw bytes read so far, for comparison with ``Source.size``."""
        return self._raw.position

    @property
    def size(self) -> int:
        """Raw bytes read so far: the size of the file once its end was read."""
        return self._raw.position

    @property
    def sha256(self) -> str:
        """The SHA-256 (hex) of the raw bytes, empty before their end was read."""
        return self._raw.sha256


def check_ratio(name: str, *, packed: int, unpacked: int) -> None:
    """Raise UnusableFile if few bytes become very many; small files are exempt."""
    if unpacked > max(_RATIO_FROM, MOST_RATIO * packed):
        raise UnusableFile(f"{name} decompresses to more than {MOST_RATIO} times its size")


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Turn errors of opening and decompressing into UnusableFile with the file's name."""
    try:
        yield
    # zipfile raises ValueError for a member whose offset is before the archive's start.
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise UnusableFile(f"{name} is damaged or incomplete: {error}") from error
    except RuntimeError as error:  # zipfile raises it for passwords and unknown methods.
        raise UnusableFile(f"{name} cannot be decompressed: {error}") from error
    except OSError as error:
        if error.errno is None:  # Arrow raises this for bytes that do not decompress.
            raise UnusableFile(f"{name} is damaged or incomplete: {error}") from error
        raise UnusableFile(f"{name} cannot be read: {error.strerror}") from error
