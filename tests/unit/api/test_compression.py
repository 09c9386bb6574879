"""Accept-Encoding and its results."""

import gzip

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.transfer.compression import CODINGS, chosen_coding, compressed


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", ""),
        ("identity", ""),
        ("br, deflate", ""),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("zstd;q=0.5,gzip;q=0.4", "zstd"),
        ("gzip;q=0", ""),
        ("gzip;q=0.000, zstd ; q=0", ""),
        ("*", "zstd"),
        ("*;q=0.1, zstd;q=0", "gzip"),
        ("*;q=0", ""),
        ("gzip;q=2, nonsense;;", ""),
        (",,gzip,,", "gzip"),
    ],
)
def test_it_takes_what_the_client_likes_best(header, coding):
    assert chosen_coding(header) == coding


def unpacked(packed, coding):
    if coding == "gzip":
        return gzip.decompress(packed)
    return pa.CompressedInputStream(pa.BufferReader(packed), "zstd").read()


@pytest.mark.parametrize("coding", CODINGS)
@given(pieces=st.lists(st.binary(max_size=300)))
def test_it_gives_back_what_was_packed_and_always_the_same_bytes(coding, pieces):
    packed = b"".join(compressed(pieces, coding))
    assert unpacked(packed, coding) == b"".join(pieces)
    assert b"".join(compressed(iter(pieces), coding)) == packed


@pytest.mark.parametrize("coding", CODINGS)
def test_it_packs_as_it_goes(coding):
    def endless():
        number = 0
        while True:
            number += 1
            yield b"".join(b"%d," % (number * 7919 * step) for step in range(20_000))

    packed = compressed(endless(), coding)
    assert len(next(packed) + next(packed)) > 0
