"""Polls as NDJSON: one JSON object per line, checked like the columns of a CSV.

``store_id`` is a string or a whole number, ``status`` and ``timestamp_utc`` are strings; other
members are ignored.
"""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json
from numpy.typing import NDArray

from feeds.arrow_text import count_lines, picked, without_blank_lines
from feeds.blocks import Batch, is_utf8, no_rows, read_columns
from feeds.declared import FEEDS, STORE_ID
from feeds.headers import Header
from feeds.rows import RejectedRow, legible

_SMALL = 64 * 1024
# No poll is shorter.
_SHORTEST = len('{"store_id":1,"status":"active","timestamp_utc":""}')
_FEED = FEEDS["status"]
_NAMES = tuple(headers[0] for headers in _FEED.headers)
HEADER = Header(feed=_FEED, delimiter=",", names=_NAMES, positions=tuple(range(len(_NAMES))))


class _BadLine(ValueError):
    """A line that cannot be read: the member at fault, its value, and the reason."""


def begins(text: bytes) -> bool:
    """Tell whether a text is NDJSON by its first visible byte: no CSV header begins with it."""
    return text.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def decode(block: bytes, first_line: int, header: Header = HEADER) -> Iterator[Batch]:
    """Yield the polls of whole lines; the first has the number ``first_line``.

    Arrow reads valid objects about five times faster than line by line, so a block is halved until
    only the neighbours of an odd line are read with it.
    """
    numbers = np.arange(first_line, first_line + count_lines(block))
    texts = _split(block)
    if texts is None:
        filled, numbers = without_blank_lines(block, numbers)
        surplus = _surplus(filled, header.limits.rejected)
        if surplus.any():
            yield no_rows(header).with_rejected([], int(np.count_nonzero(surplus)))
            filled, numbers = picked(filled, numbers, ~surplus)
        yield from _halved(filled, numbers, header)
    else:
        yield _read(texts, numbers, header)


def _surplus(block: bytes, kept: int) -> NDArray[np.bool_]:
    """Return which lines are too short for a poll and need no reason: all but the first ``kept``.

    A block may have a million of them.
    """
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
    short = np.diff(ends, prepend=-1) <= _SHORTEST
    return short & (short.cumsum() > kept)


def _halved(block: bytes, numbers: NDArray[np.int64], header: Header) -> Iterator[Batch]:
    texts = _split(block) if block else None
    middle = block.find(b"\n", len(block) // 2) + 1
    if texts is not None:
        yield _read(texts, numbers, header)
    elif len(block) < _SMALL or middle == len(block):
        yield _read_by_line(block, numbers, header)
    else:
        lines = count_lines(block[:middle])
        yield from _halved(block[:middle], numbers[:lines], header)
        yield from _halved(block[middle:], numbers[lines:], header)


def _read(texts: list[Any], numbers: NDArray[np.int64], header: Header) -> Batch:
    return read_columns([_coded(texts[0]), _coded(texts[1]), texts[2]], numbers, header)


def _split(block: bytes) -> list[Any] | None:
    """Return the members of a block as Arrow text, None if a line is not one valid object."""
    lines = count_lines(block)
    if not _has_objects_only(block, lines):
        return None
    for store_id in (pa.string(), pa.int64()):
        try:
            table = _table(block, store_id)
        except pa.ArrowInvalid:
            continue
        if table.num_rows == lines and not any(column.null_count for column in table.columns):
            return [table[_NAMES[0]].cast(pa.string()), *(table[name] for name in _NAMES[1:])]
    return None


def _has_objects_only(block: bytes, lines: int) -> bool:
    """Tell whether each line is one object or more, given that the block is valid JSON.

    No object can continue past the end of a line: a comma would be needed between "}" and "{".
    """
    begun = block.startswith(b"{") + block.count(b"\n{")
    ended = block.count(b"}\n") + block.count(b"}\r\n")
    return begun == ended == lines and is_utf8(block)


def _table(block: bytes, store_id: Any) -> Any:
    types = (store_id, pa.string(), pa.string())
    return pa.json.read_json(
        pa.BufferReader(block),
        read_options=pa.json.ReadOptions(block_size=max(len(block) // 4, 1 << 18)),
        parse_options=pa.json.ParseOptions(
            explicit_schema=pa.schema(list(zip(_NAMES, types, strict=True))),
            unexpected_field_behavior="ignore",
        ),
    )


def _coded(text: Any) -> Any:
    return text.dictionary_encode()


def _read_by_line(block: bytes, lines: NDArray[np.int64], header: Header) -> Batch:
    """Return the polls of a block, line by line: the specification of how a line is read."""
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    rejected: list[RejectedRow] = []
    refused = 0
    for number, line in zip(lines.tolist(), block.split(b"\n")[:-1], strict=True):
        if not line.strip():
            continue
        try:
            rows.append(_members(line))
            numbers.append(number)
        except _BadLine as error:
            refused += 1
            if refused <= header.limits.rejected:
                field, value, reason = error.args
                rejected.append(
                    RejectedRow(line=number, field=field, value=legible(value), reason=reason)
                )
    batch = _checked(rows, numbers, header) if rows else no_rows(header)
    return batch.with_rejected(rejected, refused)


def _checked(rows: list[tuple[str, ...]], numbers: list[int], header: Header) -> Batch:
    ids, statuses, instants = (pa.chunked_array([column]) for column in zip(*rows, strict=True))
    return _read([ids, statuses, instants], np.array(numbers, np.int64), header)


def _members(line: bytes) -> tuple[str, ...]:
    """Return the store id, the status and the instant, as text."""
    poll = _object(line)
    members: tuple[Any, ...] = tuple(map(poll.get, _NAMES))
    if type(members[0]) is int:
        members = (str(members[0]), *members[1:])
    for name, member in zip(_NAMES, members, strict=True):
        if type(member) is not str:
            raise _BadLine(name, *_why_no_text(name, poll))
    # The decoded text is UTF-8; only an escape can add half a character.
    if b"\\u" in line:
        _refuse_half_characters(members)
    return members


def _object(line: bytes) -> dict[str, Any]:
    try:
        poll = _DECODER.decode(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        text = line.decode("utf-8", "surrogateescape").strip()
        raise _BadLine("", text, _why_no_json(error)) from None
    if type(poll) is not dict:
        raise _BadLine("", line.decode().strip(), "is not a JSON object")
    return poll


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _why_no_json(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8 text"
    if isinstance(error, json.JSONDecodeError):
        return f"is not valid JSON: {error.msg} at character {error.pos + 1}"
    return f"is not valid JSON: {error}"


def _why_no_text(name: str, poll: dict[str, Any]) -> tuple[str, str]:
    """Return the value of a member as written, and what is wrong with it."""
    if name not in poll:
        return "", "is missing"
    wanted = "a string or a whole number" if name == STORE_ID else "a string"
    return json.dumps(poll[name]), f"is not {wanted}"


def _refuse_half_characters(members: tuple[str, ...]) -> None:
    for name, member in zip(_NAMES, members, strict=True):
        try:
            member.encode()
        except UnicodeEncodeError:
            value = member.encode("utf-8", "replace").decode()
            raise _BadLine(name, value, "has half a character (a lone surrogate)") from None
