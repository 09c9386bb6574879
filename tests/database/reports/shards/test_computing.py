"""Shards are computed and assembled to the same bytes."""

from functools import partial

import pytest

from reports import tasks
from reports.build import services, shards
from reports.models import Status
from tests.database.reports.shards.parting import STORES, content, cut, files, fresh, whole
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("polls", [1, 60, 200, 500])
def test_its_bytes_do_not_depend_on_the_number_of_shards(report, settings, polls):
    settings.REPORT_SHARD_POLLS = polls
    parts = cut(report)
    assert len(parts) > 1

    for shard in parts:
        tasks.build_shard(shard.pk)

    assert fresh(report).status == Status.COMPLETE
    assert content(report) == whole(settings)


def test_its_bytes_do_not_depend_on_the_order_of_the_shards(report, settings):
    for shard in reversed(cut(report)):
        shards.build_shard(shard.pk)
    services.build_report(report.pk)

    assert content(report) == whole(settings)


def test_it_is_finished_once_by_workers_that_finish_together(report, settings):
    done = at_once(*[partial(tasks.build_shard, shard.pk) for shard in cut(report)])

    assert Status.COMPLETE in done
    assert fresh(report).status == Status.COMPLETE
    assert content(report) == whole(settings)


def test_it_counts_the_stores_done(report):
    first, *others = cut(report)
    assert fresh(report).progress["stores_done"] == 0

    shards.build_shard(first.pk)

    assert fresh(report).progress["stores_done"] == fresh(first).store_count > 0
    assert fresh(report).progress["stores_total"] == STORES
    for shard in others:
        tasks.build_shard(shard.pk)
    assert fresh(report).progress == {"stores_done": STORES, "stores_total": STORES, "percent": 100}


def test_it_leaves_no_part_behind(report):
    for shard in cut(report):
        tasks.build_shard(shard.pk)

    assert files() == [fresh(report).file.name.rpartition("/")[2]]


def test_it_is_not_finished_while_a_shard_is_missing(report):
    for shard in cut(report)[1:]:
        tasks.build_shard(shard.pk)

    assert services.build_report(report.pk) is None
    assert fresh(report).status == Status.RUNNING


def test_it_computes_a_shard_once(report):
    shard, *_ = cut(report)
    computed = at_once(*[partial(shards.build_shard, shard.pk)] * 3)

    assert len([one for one in computed if one is not None]) == 1
    assert shards.build_shard(shard.pk) is None
