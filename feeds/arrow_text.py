"""Columns of text, thousands of rows at a time: split by Arrow, read by NumPy.

``rows`` and ``values`` are the specification; this module must agree with them.
"""

from contextlib import suppress
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from feeds import values
from feeds.declared import Column
from feeds.headers import Header

_TEXT = pa.dictionary(pa.int32(), pa.string())
# Arrow casts these without fail once the ending is removed: every year has these days.
_USUAL_INSTANT = (
    r"^20\d\d-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)"
    r"|(?:0[13578]|1[02])-31)[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?: UTC|Z)?$"
)
_PLAIN = np.zeros(256, np.bool_)
_PLAIN[
    np.frombuffer(b"-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", np.uint8)
] = True
_VISIBLE = np.ones(256, np.bool_)
_VISIBLE[np.frombuffer(b" \r\n", np.uint8)] = False


def count_lines(block: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == ord("\n")))


def without_blank_lines(
    block: bytes, numbers: NDArray[np.int64]
) -> tuple[bytes, NDArray[np.int64]]:
    """Return a block without its blank lines, and the numbers of the others."""
    data = np.frombuffer(block, np.uint8)
    visible = _VISIBLE[data]
    if not visible.any():
        return b"", numbers[:0]
    filled = _counted(visible, data) > 0
    if filled.all():
        return block, numbers
    return picked(block, numbers, filled)


def picked(
    block: bytes, numbers: NDArray[np.int64], wanted: NDArray[np.bool_]
) -> tuple[bytes, NDArray[np.int64]]:
    """Return the chosen lines of a block and their numbers; wanted: bool (lines,)."""
    data = np.frombuffer(block, np.uint8)
    lengths = np.diff(np.flatnonzero(data == ord("\n")), prepend=-1)
    return data[np.repeat(wanted, lengths)].tobytes(), numbers[wanted]


def misfits(block: bytes, header: Header) -> NDArray[np.bool_]:
    """Return which lines surely have more or fewer fields than the header: bool (lines,).

    Delimiters may be inside quotes: a line with a quote is marked only if it has too few of them.
    """
    data = np.frombuffer(block, np.uint8)
    apart = _counted(data == ord(header.delimiter), data)
    quotes = _counted(data == ord('"'), data)
    needed = len(header.names) - 1
    sure: NDArray[np.bool_] = (apart < needed) | ((apart > needed) & (quotes == 0))
    return sure


def _counted(marked: NDArray[np.bool_], data: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return the number of marked bytes in each line."""
    ends = np.flatnonzero(data == ord("\n"))
    return np.diff(np.cumsum(marked, dtype=np.int32)[ends], prepend=np.int32(0))


def split(block: bytes, header: Header) -> list[Any] | None:
    """Return the needed columns as Arrow text, None if the lines do not split plainly.

    All but instants are dictionary-encoded: they have few distinct values.
    """
    plain = _unquoted(block, header.delimiter) if b'"' in block else block
    # Arrow would silently drop a byte order mark.
    if plain is None or b"\0" in plain or plain.startswith(b"\xef\xbb\xbf"):
        return None
    needed = [str(position) for position in header.positions]
    checks = [None, *(column.check for column in header.feed.columns)]
    types = {
        name: pa.string() if check is values.instant else _TEXT
        for name, check in zip(needed, checks, strict=True)
    }
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(plain),
            read_options=pa.csv.ReadOptions(
                column_names=[str(place) for place in range(len(header.names))],
                # In one piece: blocks are decoded in parallel, see ``parsing``.
                block_size=max(len(plain), 1 << 18),
                use_threads=False,
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=header.delimiter, quote_char=False, ignore_empty_lines=False
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=types, include_columns=needed, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    # More rows than lines: Arrow also ends a line at a bare carriage return.
    if table.num_rows != count_lines(block):
        return None
    texts = [table.column(name) for name in needed]
    return None if _has_blank_line(texts[0], plain) else texts


def _has_blank_line(ids: Any, block: bytes) -> bool:
    """Tell whether a line is blank, which Arrow reads as a row of empty fields."""
    if all(pc.min(pc.binary_length(chunk.dictionary)).as_py() for chunk in ids.chunks):
        return False
    return block.startswith((b"\n", b"\r\n")) or b"\n\n" in block or b"\n\r\n" in block


def _unquoted(block: bytes, delimiter: str) -> bytes | None:
    """Return a block without quotes, None if a quote does not enclose a whole field."""
    data = np.frombuffer(block, np.uint8)
    quotes = np.flatnonzero(data == ord('"'))
    opening, closing = quotes[::2], quotes[1::2]
    if len(opening) != len(closing):
        return None
    starts = (data == ord(delimiter)) | (data == ord("\n"))
    ends = starts | (data == ord("\r"))
    begins = (opening == 0) | starts[opening - 1]
    separators = np.flatnonzero(ends)
    whole = np.searchsorted(separators, opening) == np.searchsorted(separators, closing)
    if not (begins & ends[closing + 1] & whole).all():
        return None
    return block.replace(b'"', b"")


def store_ids(text: Any) -> tuple[list[str], NDArray[np.int32]]:
    """Return the distinct ids, and each row's index into them, -1 for a bad id."""
    distinct, codes = _codes(text)
    written = _written(distinct)
    if _all_plain(distinct):
        return written, codes
    ids: dict[str, int] = {}
    places = np.full(len(written), -1, np.int32)
    for index, each in enumerate(written):
        try:
            places[index] = ids.setdefault(values.store_id(each), len(ids))
        except values.BadValue:
            continue
    return list(ids), places[codes]


def distinct_values(text: Any, column: Column) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return each row's value and whether it is good, checking each distinct text once."""
    distinct, codes = _codes(text)
    written = _written(distinct)
    read = np.zeros(len(written), column.dtype)
    good = np.zeros(len(written), np.bool_)
    for index, each in enumerate(written):
        try:
            read[index] = column.check(each)
        except values.BadValue:
            continue
        good[index] = True
    return read[codes], good[codes]


def instants(text: Any, latest: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return each row's instant and whether it is good, that is, not after ``latest``."""
    read = _uniform_instants(text)
    if read is None:
        read = _uniform_instants(pc.ascii_trim_whitespace(text))
    at, good = _mixed_instants(text) if read is None else read
    return at, good & (at <= latest)


def _mixed_instants(text: Any) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Do what ``instants`` does for rows with different endings or bad rows."""
    usual = pc.match_substring_regex(text, _USUAL_INSTANT).to_numpy()
    at = np.zeros(len(usual), np.int64)
    wall = pc.utf8_rtrim(text.filter(pa.array(usual)), characters=" UTCZ")
    at[usual] = pc.cast(wall, pa.timestamp("us")).to_numpy().view(np.int64)
    good = usual.copy()
    rest = np.flatnonzero(~usual)
    for row, written in zip(rest, text.take(pa.array(rest)).to_pylist(), strict=True):
        with suppress(values.BadValue):
            at[row] = values.instant(written)
            good[row] = True
    return at, good


def _uniform_instants(text: Any) -> tuple[NDArray[np.int64], NDArray[np.bool_]] | None:
    split_off = _without_zone(text)
    if split_off is None:
        return None
    wall, ahead = split_off
    # Arrow would also accept a date without a time, or a time without seconds.
    if pc.min(pc.binary_length(wall)).as_py() < len("2023-01-22 12:09:39"):
        return None
    try:
        at = pc.cast(wall, pa.timestamp("us")).to_numpy().view(np.int64) - ahead
    except pa.ArrowInvalid:
        return None
    return at, (at >= values.EARLIEST) & (at <= values.LATEST)


def _without_zone(text: Any) -> tuple[Any, NDArray[np.int64] | int] | None:
    """Return wall times and their microseconds ahead of UTC, if all have the same ending."""
    first = text[0].as_py()
    for suffix in (" UTC", "Z", "+00:00"):
        if first.endswith(suffix) and pc.all(pc.ends_with(text, pattern=suffix)).as_py():
            return pc.utf8_slice_codeunits(text, 0, -len(suffix)), 0
    if first[-6:-5] not in {"+", "-"}:
        return text, 0
    zones, codes = _codes(pc.dictionary_encode(pc.utf8_slice_codeunits(text, -6)))
    try:
        ahead = np.array([_microseconds_ahead(zone) for zone in _written(zones)], np.int64)
    except values.BadValue:
        return None
    return pc.utf8_slice_codeunits(text, 0, -6), ahead[codes]


def _microseconds_ahead(zone: str) -> int:
    """Return how far "+HH:MM" is ahead of UTC."""
    if not zone.startswith(("+", "-")):
        raise values.BadValue("is not an offset")
    midnight = "2001-01-01 00:00:00"
    return values.instant(midnight) - values.instant(midnight + zone)


def _codes(text: Any) -> tuple[Any, NDArray[np.int32]]:
    """Return the distinct texts of a dictionary-encoded column, and each row's index into them."""
    unified = text.unify_dictionaries()
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in unified.chunks])
    return unified.chunk(0).dictionary, codes


def _written(distinct: Any) -> list[str]:
    """Return an Arrow text array as a list, several times faster than ``to_pylist``."""
    texts: list[str] = distinct.to_numpy(zero_copy_only=False).tolist()
    return texts


def _all_plain(ids: Any) -> bool:
    """Tell whether each id is 1 to 100 letters, digits, "-" and "_", and so valid as it is."""
    lengths = pc.min_max(pc.binary_length(ids)).as_py()
    if lengths["min"] < 1 or lengths["max"] > 100:
        return False
    _, offsets, data = ids.buffers()
    first, last = np.frombuffer(offsets, np.int32)[[ids.offset, ids.offset + len(ids)]]
    return bool(_PLAIN[np.frombuffer(data, np.uint8)[first:last]].all())
