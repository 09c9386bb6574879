"""Rows that wait on disk: they come back complete, in order, and never with a bucket parted."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.storing import spool as spool_module
from ingestion.storing.spool import Spool

DTYPE = {"store": "i4", "at": "i8", "status": "i1"}


def spooled(batches, width, group_rows, monkeypatch):
    """Append the batches of (store, at, status) rows and return the groups by ``at``."""
    monkeypatch.setattr(spool_module, "GROUP_ROWS", group_rows)
    with Spool(DTYPE) as spool:
        for batch in batches:
            columns = np.array(batch, np.int64).reshape(-1, 3).T
            spool.append(dict(zip(DTYPE, columns, strict=True)))
        assert len(spool) == sum(len(batch) for batch in batches)
        return [[tuple(row) for row in group.tolist()] for group in spool.groups("at", width)]


ROWS = st.tuples(st.integers(0, 5), st.integers(-20, 60), st.integers(0, 1))
unpatched = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@unpatched
@given(
    batches=st.lists(st.lists(ROWS, max_size=12), max_size=6),
    width=st.sampled_from([1, 7, 1000]),
    group_rows=st.integers(1, 12),
)
def test_it_hands_back_every_row_in_ascending_groups_that_keep_the_order_of_the_file(
    batches, width, group_rows, monkeypatch
):
    groups = spooled(batches, width, group_rows, monkeypatch)

    rows = [row for batch in batches for row in batch]
    bucket_groups = [{row[1] // width for row in group} for group in groups]
    assert sorted(row for group in groups for row in group) == sorted(rows)
    for group, buckets in zip(groups, bucket_groups, strict=True):
        assert group == [row for row in rows if row[1] // width in buckets]
    assert all(bucket_groups)
    for earlier, later in pairwise(bucket_groups):
        assert max(earlier) < min(later)


@unpatched
@given(
    ats=st.lists(st.integers(0, 9), min_size=1, max_size=60),
    width=st.sampled_from([1, 2]),
    group_rows=st.integers(1, 20),
)
def test_it_bounds_what_a_group_holds_beside_its_first_bucket(ats, width, group_rows, monkeypatch):
    groups = spooled([[(1, at, 0) for at in ats]], width, group_rows, monkeypatch)

    for group in groups:
        buckets = [at // width for _, at, _ in group]
        assert len(buckets) - buckets.count(min(buckets)) < group_rows


def test_it_hands_back_no_group_of_nothing(monkeypatch):
    assert spooled([], 10, 5, monkeypatch) == []
    assert spooled([[]], 10, 5, monkeypatch) == []


def test_it_keeps_the_extremes_of_each_column(monkeypatch):
    extremes = [(2**31 - 1, 4_133_980_799_999_999, -128), (0, 946_684_800_000_000, 127)]

    groups = spooled([extremes], 3_600_000_000, 1, monkeypatch)

    assert groups == [[extremes[1]], [extremes[0]]]


@pytest.mark.parametrize("group_rows", [1, 2, 1000])
def test_it_can_be_grouped_again(monkeypatch, group_rows):
    monkeypatch.setattr(spool_module, "GROUP_ROWS", group_rows)
    with Spool({"store": "i4", "time_zone": "i2"}) as spool:
        spool.append({"store": np.array([3, 1, 2]), "time_zone": np.array([7, 8, 9])})
        first = [group.tolist() for group in spool.groups("store", 1)]
        assert first == [group.tolist() for group in spool.groups("store", 1)]
        assert [row for group in first for row in sorted(group)] == [(1, 8), (2, 9), (3, 7)]


def test_it_reads_in_several_threads_at_once():
    numbers = np.arange(400_000)
    with Spool({"at": "i8"}) as spool:
        spool.append({"at": numbers})

        def read(_):
            return np.concatenate([rows["at"] for rows in spool.blocks()])

        with ThreadPoolExecutor(4) as pool:
            for found in pool.map(read, range(40)):
                assert np.array_equal(found, numbers)
