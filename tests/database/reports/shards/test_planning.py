"""How a report is cut into shards."""

import pytest

from fleet.models import Store
from reports.build import cutting, services
from reports.build.planning import plan
from reports.models import Shard, Status
from tests.database.reports.shards.parting import STORES, request
from uptime.open_time.clock import Horizon
from uptime.windows.elapsed import DAY

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_plans_ranges_that_hold_every_store_once(settings):
    settings.REPORT_SHARD_POLLS = 100
    ranges = plan(0, 2 * 10**15)

    held = [key for keys in ranges for key in range(keys.first, keys.last + 1)]
    assert len(ranges) > 4
    assert held == list(range(held[0], held[-1] + 1))
    assert set(Store.objects.values_list("key", flat=True)) <= set(held)


def test_it_plans_no_shards_for_a_small_report(settings, report):
    # PostgreSQL estimates by pages, and in those of this week other tests have left dead rows.
    settings.REPORT_SHARD_POLLS = 1_000_000

    assert services.build_report(report.pk).status == Status.COMPLETE
    assert not Shard.objects.exists()


def test_it_plans_no_more_shards_than_stores(settings):
    settings.REPORT_SHARD_POLLS = 1

    assert len(plan(0, 2 * 10**15)) == STORES


def test_it_plans_no_more_stores_at_once_than_the_core_can_count(settings, monkeypatch):
    settings.REPORT_SHARD_POLLS = 10**12
    [first, last] = Store.objects.order_by("key").values_list("key", flat=True)[:: STORES - 1]
    monkeypatch.setattr(cutting, "_AXIS", 10 * DAY)
    ranges = plan(0, DAY)
    assert [keys.first for keys in ranges] == [first, first + 7, first + 15]
    assert ranges[-1].last == last
    assert max(keys.last - keys.first + 1 for keys in ranges) <= 10


def test_a_year_of_a_large_fleet_is_more_than_the_core_can_count_at_once():
    year = 367 * DAY
    most = cutting.most_stores(year)
    Horizon(start=0, end=year, stores=most)
    with pytest.raises(ValueError, match="fewer stores"):
        Horizon(start=0, end=year, stores=3 * most)


def test_it_plans_more_shards_for_longer_windows(settings):
    settings.REPORT_SHARD_POLLS = 2 * STORES
    assert len(plan(0, DAY)) == 1
    assert len(plan(0, 30 * DAY)) > 10


def test_it_plans_by_the_chosen_stores_only(settings):
    settings.REPORT_SHARD_POLLS = 100
    some = Store.objects.filter(store_id__in=["store 3", "store 17"])
    ranges = plan(0, DAY, some)
    keys = set(some.values_list("key", flat=True))
    assert {keys.first for keys in ranges} <= keys
    assert {keys.last for keys in ranges} <= keys
    assert sum(keys.rows for keys in ranges) < 100


def test_it_plans_for_no_store_at_all(settings):
    Store.objects.all().delete()

    assert services.build_report(request().pk).row_count == 0
