"""Byte ranges of files (RFC 9110, section 14)."""

import re

from api.errors.problems import RangeNotSatisfiable

# No file size has more digits; such a range is malformed.
_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def byte_range(header: str, size: int) -> range | None:
    """Return the bytes that a ``Range`` header asks for, of a file of ``size``; None means all.

    A malformed header or one with several ranges also gives all, as the RFC allows.
    Raises RangeNotSatisfiable if the range has no byte of the file.
    """
    found = _ONE_RANGE.fullmatch(header.strip())
    if found is None or not any(found.groups()):
        return None
    first, last = (int(text) if text else None for text in found.groups())
    if first is None:
        return _satisfiable(range(max(size - (last or 0), 0), size), size)
    if last is not None and last < first:
        return None
    return _satisfiable(range(first, size if last is None else min(last + 1, size)), size)


def _satisfiable(wanted: range, size: int) -> range:
    if not wanted:
        raise RangeNotSatisfiable(size)
    return wanted
