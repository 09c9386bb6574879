"""``keep_last`` and ``find`` against dictionaries, with keys that fit into a number or not."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingestion.storing.diff import find, keep_last

FARTHEST = 2**63 - 1
# One column of a key: its dtype and values that collide, wide apart or not, on both sides of 0.
COLUMNS = st.sampled_from(
    [
        ("int64", (0, 1, 2)),
        ("int64", (-3, -2, 5)),
        ("int64", (-FARTHEST - 1, 0, FARTHEST)),
        ("int64", (1_700_000_000_000_000, 1_700_000_000_000_001, 1_600_000_000_000_000)),
        ("int32", (-(2**31), 0, 2**31 - 1)),
        ("int32", (1, 2, 2**31 - 1)),
        ("int8", (-128, 0, 127)),
    ]
)


@st.composite
def keys(draw, sides=1):
    """``sides`` lists of key tuples over the same one to four columns, and the columns' dtypes."""
    columns = draw(st.lists(COLUMNS, min_size=1, max_size=4))
    key = st.tuples(*(st.sampled_from(values) for _, values in columns))
    return [dtype for dtype, _ in columns], *(
        draw(st.lists(key, max_size=30)) for _ in range(sides)
    )


def as_columns(dtypes, rows):
    return [np.array([row[n] for row in rows], dtype) for n, dtype in enumerate(dtypes)]


@given(keys(), st.data())
@example((["int8"], [(-128,), (127,), (-1,)]), None)
@example((["int64", "int8"], [(-FARTHEST - 1, 1), (FARTHEST, 0)]), None)
def test_it_keeps_the_last_row_of_each_key_in_the_order_of_the_key(drawn, data):
    dtypes, rows = drawn
    values = [data.draw(st.integers(0, 1)) if data else number % 2 for number, _ in enumerate(rows)]
    last = {key: number for number, key in enumerate(rows)}

    distinct = keep_last(as_columns(dtypes, rows), np.array(values, np.int8))

    others = [n for n, key in enumerate(rows) if last[key] != n]
    same = sum(values[n] == values[last[rows[n]]] for n in others)
    assert distinct.rows.tolist() == [last[key] for key in sorted(last)]
    assert (distinct.repeated, distinct.superseded) == (same, len(others) - same)


@given(keys(sides=2))
def test_it_finds_the_equal_key_or_says_that_there_is_none(drawn):
    dtypes, rows, known = drawn
    rows, known = list(dict.fromkeys(rows)), list(dict.fromkeys(known))

    found = find(as_columns(dtypes, rows), as_columns(dtypes, known))

    place = {key: number for number, key in enumerate(known)}
    assert found.tolist() == [place.get(key, -1) for key in rows]


@pytest.mark.parametrize("value_dtype", ["int8", "int16"])
def test_it_keeps_nothing_of_nothing(value_dtype):
    nothing = np.empty(0, np.int64)

    distinct = keep_last([nothing, nothing], np.empty(0, value_dtype))

    assert (len(distinct.rows), distinct.repeated, distinct.superseded) == (0, 0, 0)


@pytest.mark.parametrize(("rows", "known"), [(0, 0), (0, 3), (3, 0)])
def test_it_finds_nothing_where_a_side_is_empty(rows, known):
    found = find([np.arange(rows)], [np.arange(known)])

    assert found.tolist() == [-1] * rows
    assert found.dtype == np.int64


def test_it_finds_keys_across_dtypes():
    found = find([np.array([-1, 2], np.int8)], [np.array([2, -1, 2**40])])

    assert found.tolist() == [1, 0]
