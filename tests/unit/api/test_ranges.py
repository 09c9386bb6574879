"""Which bytes a Range header asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors.problems import RangeNotSatisfiable
from api.transfer.ranges import byte_range


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=0-9", range(10)),
        ("bytes=3-5", range(3, 6)),
        ("bytes=3-", range(3, 10)),
        ("bytes=9-", range(9, 10)),
        ("bytes=3-999999999999999999", range(3, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-10", range(10)),
        ("bytes=-999", range(10)),
    ],
)
def test_it_takes_one_range(header, wanted):
    assert byte_range(header, 10) == wanted


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=", "bytes=-", "bytes=5-3", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b",
     "bytes= 0-1", "bytes=0-" + "9" * 5000, "bytes=٣-٤", "bytes=-1-2"],
)  # fmt: skip
def test_it_passes_over_what_is_no_single_range(header):
    assert byte_range(header, 10) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99-"])
def test_it_says_how_long_the_file_is_where_nothing_of_it_was_asked_for(header):
    with pytest.raises(RangeNotSatisfiable) as refused:
        byte_range(header, 10)
    assert refused.value.headers == {"Content-Range": "bytes */10"}


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-1"])
def test_an_empty_file_has_no_ranges(header):
    with pytest.raises(RangeNotSatisfiable):
        byte_range(header, 0)


@given(st.binary(min_size=1, max_size=50), st.integers(0, 60), st.integers(0, 60))
def test_it_asks_for_what_a_slice_would_give(content, first, last):
    try:
        wanted = byte_range(f"bytes={first}-{last}", len(content))
    except RangeNotSatisfiable:
        assert first >= len(content)
    else:
        part = content if wanted is None else content[wanted.start : wanted.stop]
        assert part == (content[first : last + 1] if first <= last else content)
