"""Where the bytes of a file come from: paths, folders, archives, uploads, standard input.

The first bytes of a file, never its name, tell how it is compressed. Everything is streamed.
"""

import shutil
import tempfile
import weakref
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, NoReturn, cast

from feeds import archives
from feeds.errors import UnusableFile
from feeds.files import formats
from feeds.files.streams import Readable, Replay, SourceStream, naming

SUFFIXES = (".csv", ".csv.gz", ".csv.zst", ".zip")


@dataclass(frozen=True)
class Source:
    """One file to read, perhaps compressed.

    name: as its sender named it; a member of an archive is "archive.zip/member.csv".
    size: raw bytes if known: the bytes as sent, or the member's own in an archive.
    limit: how many bytes it may decompress to, None for no limit.
    """

    name: str
    size: int | None
    opener: Callable[[], AbstractContextManager[Readable]]
    limit: int | None = None

    def open(self) -> SourceStream:
        """Return the uncompressed bytes, for use in a ``with`` statement."""
        return SourceStream(self.name, self.opener, self.limit)


def from_path(path: Path) -> list[Source]:
    """Return a file as one source, or an archive as one source per CSV file in it."""
    name = _legible(path.name)
    with naming(name), path.open("rb") as file:
        size = path.stat().st_size
        zipped = formats.compression(file.read(4)) == formats.ZIP
    if zipped:
        return _members(name, lambda: path.open("rb"))
    return [Source(name, size, lambda: path.open("rb"))]


def from_folder(path: Path) -> list[Source]:
    """Return the sources of all CSV files and archives directly in a folder, sorted by name.

    One that cannot be listed does not stop the others: it raises when it is opened.
    """
    name = _legible(str(path))
    with naming(name):
        paths = sorted(file for file in path.iterdir() if _is_wanted(file.name) and file.is_file())
    if not paths:
        raise UnusableFile(f"{name} has no file ending in {', '.join(SUFFIXES)}")
    return [source for file in paths for source in _from_path_or_refusal(file)]


def from_stream(stream: IO[bytes], name: str) -> list[Source]:
    """Return the sources in an open stream (an upload, standard input); it is not closed here.

    A source that is not in an archive can be opened once. An archive is read from its end, so one
    from a pipe is first copied to a temporary file.
    """
    with naming(name):
        replay = Replay(stream)
    if formats.compression(replay.head) != formats.ZIP:
        return [Source(name, _size_left(stream, len(replay.head)), lambda: nullcontext(replay))]
    with naming(name):
        opener = _archive_opener(stream, replay)
    return _members(name, opener)


def from_upload(stream: IO[bytes], name: str, *, limit: int) -> Source:
    """Return the one file in an upload; UnusableFile if there are several.

    Reading it raises UnusableFile beyond ``limit`` uncompressed bytes, whatever its size as sent.
    """
    sources = from_stream(stream, name)
    if len(sources) != 1:
        raise UnusableFile(f"{name} contains {len(sources)} files; send them one at a time.")
    return replace(sources[0], limit=limit)


def _legible(name: str) -> str:
    """Return a file name as valid UTF-8, whatever bytes the disk has."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _from_path_or_refusal(path: Path) -> list[Source]:
    try:
        return from_path(path)
    except UnusableFile as error:
        return [Source(_legible(path.name), None, partial(_refuse, error))]


def _refuse(error: UnusableFile) -> NoReturn:
    raise error


def _is_wanted(name: str) -> bool:
    """Tell by its name whether a file should be read; names with a leading dot are hidden."""
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


def _size_left(stream: IO[bytes], already: int) -> int | None:
    """Return the bytes from where the stream stood to its end, None for a pipe."""
    if not stream.seekable():
        return None
    here = stream.tell()
    end = stream.seek(0, 2)
    stream.seek(here)
    return end - here + already


def _archive_opener(
    stream: IO[bytes], replay: Replay
) -> Callable[[], AbstractContextManager[IO[bytes]]]:
    """Return a function that opens an archive: the stream if it can seek, else a copy."""
    if stream.seekable():
        return lambda: nullcontext(stream)
    copy = tempfile.TemporaryFile()  # noqa: SIM115  # Lives as long as its sources.

    def opener() -> AbstractContextManager[IO[bytes]]:
        return nullcontext(copy)

    weakref.finalize(opener, copy.close)
    shutil.copyfileobj(cast("IO[bytes]", replay), copy)
    return opener


def _members(name: str, opener: Callable[[], AbstractContextManager[IO[bytes]]]) -> list[Source]:
    """Return the CSV files of an archive as sources, in the archive's order."""
    members = archives.members(name, opener)
    if any(member.filename == "[Content_Types].xml" for member in members):
        raise UnusableFile(f"{name} is an Excel workbook: save the sheet as CSV (UTF-8)")
    wanted = [member for member in members if _is_wanted_member(member)]
    if not wanted:
        raise UnusableFile(f"{name} is an archive without a CSV file")
    return [
        Source(shown, member.file_size, _member_opener(opener, member, shown))
        for member in wanted
        for shown in (f"{name}/{_shown(member)}",)
    ]


def _shown(member: zipfile.ZipInfo) -> str:
    """Return a member's name without unprintable characters, for messages and logs."""
    return "".join(character for character in member.filename if character.isprintable())


def _is_wanted_member(member: zipfile.ZipInfo) -> bool:
    *folders, file = member.filename.split("/")
    return _is_wanted(file) and not file.endswith(".zip") and "__MACOSX" not in folders


def _member_opener(
    opener: Callable[[], AbstractContextManager[IO[bytes]]], member: zipfile.ZipInfo, name: str
) -> Callable[[], AbstractContextManager[Readable]]:
    @contextmanager
    def open_member() -> Iterator[Readable]:
        archives.check(member, name)
        with opener() as raw, zipfile.ZipFile(raw) as archive, archive.open(member) as file:
            yield file

    return open_member
