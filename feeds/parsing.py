"""The bytes of one CSV or NDJSON file to typed columns and rejected rows, in constant memory.

Every physical line stands alone: line breaks inside quotes are not supported, so a quote that is
never closed costs one row. Blank lines are skipped and do not count as rows.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from feeds import ndjson
from feeds.arrow_text import count_lines
from feeds.blocks import Batch, decode
from feeds.errors import UnusableFile
from feeds.files.formats import why_not_csv
from feeds.files.streams import Readable
from feeds.headers import Header, Limits, read_header
from feeds.rows import RejectedRow

__all__ = ["Batch", "FeedReader", "RejectedRow"]

BLOCK = 2 * 1024 * 1024
LONGEST_LINE = 64 * 1024
_DECODERS = 2
_BLANK = b"\xef\xbb\xbf \r\n"


class FeedReader:
    """One file of one feed, read from a stream of uncompressed bytes.

    stream: anything with ``read(n)``.
    name: of the file, used only in messages.
    expected: the name of the feed it must be; by default its header decides.
    limits: limits on rows that are otherwise valid; by default, late polls are accepted.

    Raises UnusableFile at once if the file belongs to no feed, and from ``batches`` if it is
    damaged or has a line longer than 64 KiB.
    """

    def __init__(
        self,
        stream: Readable,
        *,
        name: str,
        expected: str | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._stream = stream
        self._name = name
        self._unread = self._fill(LONGEST_LINE + 1)
        self._line = 1
        self._is_ndjson = ndjson.begins(self._unread)
        self.header: Header = replace(self._header(expected), limits=limits or Limits())
        self.feed: str = self.header.feed.name

    def batches(self) -> Iterator[Batch]:
        """Yield the rows in file order, up to about 2 MiB of text at a time; call it once."""
        line = self._line
        left = self.header.limits.rejected
        # Reading, decompressing and hashing release the GIL, and so does most of decoding: two
        # blocks are decoded at a time while the next one is read.
        with ThreadPoolExecutor(1) as reading, ThreadPoolExecutor(_DECODERS) as decoding:
            decoded: deque[Future[Iterable[Batch]]] = deque()
            block = reading.submit(self._whole_lines)
            while text := block.result():
                block = reading.submit(self._whole_lines)
                # Rows rejected beyond the limit need no reason.
                limits = replace(self.header.limits, rejected=max(left, 0))
                header = replace(self.header, limits=limits)
                decoded.append(decoding.submit(self._decode, text, line, header))
                line += count_lines(text)
                if len(decoded) > _DECODERS:
                    for batch in decoded.popleft().result():
                        left -= len(batch.rejected)
                        yield batch
            while decoded:
                yield from decoded.popleft().result()

    def _header(self, expected: str | None) -> Header:
        """Return the parsed first line; NDJSON has no header and is polls."""
        if not self._is_ndjson:
            return read_header(self._header_line(), file=self._name, expected=expected)
        if expected not in {None, ndjson.HEADER.feed.name}:
            raise UnusableFile(f"{self._name} was given as {expected}, but NDJSON is for polls")
        return ndjson.HEADER

    def _decode(self, text: bytes, line: int, header: Header) -> Iterable[Batch]:
        if self._is_ndjson:
            return ndjson.decode(text, line, header)
        return [decode(text, line, header)]

    def _fill(self, size: int) -> bytes:
        """Read ``size`` bytes, fewer only at the end of the stream."""
        parts = []
        while size > 0 and (part := self._stream.read(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _header_line(self) -> bytes:
        """Take the first line that is not blank from what was read."""
        reason = why_not_csv(self._unread)
        if reason:
            raise UnusableFile(f"{self._name} {reason}")
        self._refuse_long_lines(self._unread)
        text = self._unread.lstrip(_BLANK)
        if not text:
            raise UnusableFile(f"{self._name} is empty")
        self._line += self._unread.count(b"\n", 0, len(self._unread) - len(text)) + 1
        line, _, self._unread = text.partition(b"\n")
        if b"\r" in line.rstrip(b"\r"):
            raise UnusableFile(
                f"{self._name} ends lines with bare carriage returns: save it with newlines"
            )
        return line

    def _whole_lines(self) -> bytes:
        """Return the next whole lines, adding a missing newline at the end; none at the end."""
        more = self._fill(BLOCK)
        end = more.rfind(b"\n") + 1 if len(more) == BLOCK else len(more)
        lines = b"".join((self._unread, memoryview(more)[:end]))
        self._unread = more[end:]
        self._refuse_long_lines(lines)
        self._line += count_lines(lines)
        self._refuse_long_lines(self._unread)
        return lines if lines.endswith(b"\n") or not lines else lines + b"\n"

    def _refuse_long_lines(self, block: bytes) -> None:
        """Raise UnusableFile if a line of a block is too long, not counting its newline."""
        start = 0
        while start + LONGEST_LINE < len(block):
            newline = block.rfind(b"\n", start, start + LONGEST_LINE + 1)
            if newline < 0:
                line = self._line + block.count(b"\n", 0, start)
                raise UnusableFile(
                    f"line {line} of {self._name} is longer than 64 KiB: is it really a CSV file?"
                )
            start = newline + 1
