"""Compression of answers, as ``Accept-Encoding`` asks for it.

Only files that hold no secret and repeat nothing of the request are compressed, so their length
tells an eavesdropper nothing (the BREACH attack needs both).
"""

import re
import zlib
from collections.abc import Iterable, Iterator

import pyarrow as pa

# The better first: it wins if a client accepts both equally.
CODINGS = ("zstd", "gzip")
_GZIP_LEVEL = 5
_GZIP_WINDOW = 31  # The largest window, with gzip's header.
_OFFER = re.compile(r"\s*([\w*-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?", re.ASCII)


def chosen_coding(header: str) -> str:
    """Return the coding that an ``Accept-Encoding`` header prefers, "" for none of ours."""
    offers = [found.groups() for part in header.split(",") if (found := _OFFER.fullmatch(part))]
    liked = {name.lower(): float(weight or 1) for name, weight in offers}
    weights = {coding: liked.get(coding, liked.get("*", 0.0)) for coding in CODINGS}
    best = max(CODINGS, key=weights.__getitem__)
    return best if weights[best] > 0 else ""


def compressed(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Yield the pieces in that coding; the same pieces always give the same bytes."""
    return _zstd(pieces) if coding == "zstd" else _gzip(pieces)


def _gzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_WINDOW)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def _zstd(pieces: Iterable[bytes]) -> Iterator[bytes]:
    out = _Packed()
    with pa.CompressedOutputStream(pa.PythonFile(out, mode="w"), "zstd") as packer:
        for piece in pieces:
            packer.write(piece)
            yield from out.taken()
    yield from out.taken()


class _Packed:
    """A file that Arrow writes to and that is emptied after each write."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> list[bytes]:
        """Return what was written since the last call."""
        pieces, self._pieces = self._pieces, []
        return pieces

    def flush(self) -> None:
        """Do nothing: everything is in memory."""

    def close(self) -> None:
        self.closed = True
