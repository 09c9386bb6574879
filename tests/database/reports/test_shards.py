"""A large report is cut into shards; its bytes depend neither on how many nor on their order."""

import random
from datetime import UTC, datetime, timedelta
from functools import partial

import kombu.exceptions
import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError

from api.errors.reasons import INTERNAL
from fleet.models import Store
from reports import tasks
from reports.build import computing, cutting, services, shards
from reports.build.planning import plan
from reports.models import Report, Shard, Status
from reports.request.requesting import request_report
from tests.database.clocks import standing_still
from tests.database.files import ingest_hours, ingest_polls, ingest_time_zones
from tests.database.threads import at_once
from uptime.open_time.clock import Horizon
from uptime.windows.elapsed import DAY

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)
STORES = 23


@pytest.fixture(autouse=True)
def _fleet(settings):
    """Some stores in no order of their ids, the later known by their hours or zone only."""
    chance = random.Random(1)
    names = [f"store {number}" for number in range(STORES)]
    chance.shuffle(names)
    ingest_polls(
        *(
            f"{name},{chance.choice(['active', 'inactive'])},{NOON - timedelta(hours=hours):%F %T}"
            for name in names[:-3]
            for hours in chance.sample(range(200), 40)
        )
    )
    ingest_hours(*(f"{name},{day},09:00,17:30" for name in names[5:-1] for day in range(5)))
    ingest_time_zones(*(f"{name},Asia/Kolkata" for name in names[8:]))
    settings.REPORT_SHARD_POLLS = 200


@pytest.fixture
def report():
    return request()


@pytest.fixture
def clock():
    """A clock that stands still until it is moved."""
    with standing_still() as moved:
        yield moved


def request():
    return request_report(as_of=NOON, requested_by="a test").report


def fresh(job):
    return type(job).objects.get(pk=job.pk)


def content(report):
    with default_storage.open(fresh(report).file.name) as file:
        return file.read()


def cut(report):
    """Cut the report, and return its shards."""
    services.build_report(report.pk)
    return list(fresh(report).shards.all())


def whole(settings):
    """The bytes of the report as one task makes it."""
    settings.REPORT_SHARD_POLLS = 10**9
    report = request()
    assert services.build_report(report.pk).status == Status.COMPLETE
    return content(report)


def files():
    return sorted(default_storage.listdir("reports")[1])


# Planned.


def test_it_plans_ranges_that_hold_every_store_once(settings):
    settings.REPORT_SHARD_POLLS = 100
    ranges = plan(0, 2 * 10**15)

    held = [key for keys in ranges for key in range(keys.first, keys.last + 1)]
    assert len(ranges) > 4
    assert held == list(range(held[0], held[-1] + 1))
    assert set(Store.objects.values_list("key", flat=True)) <= set(held)


def test_it_plans_no_shards_for_a_small_report(settings, report):
    settings.REPORT_SHARD_POLLS = 10_000

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


# Computed.


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


# Lost and found.


def test_it_loses_a_shard_and_no_more_when_its_worker_dies(report, clock, settings):
    dead, *others = cut(report)
    shards.claim(dead.pk)
    for shard in others:
        tasks.build_shard(shard.pk)
    assert shards.sweep() == []

    clock.shift(settings.REPORT_LEASE + timedelta(seconds=1))

    assert [shard.pk for shard in shards.sweep()] == [dead.pk]
    assert services.sweep() == [], "the report waits for its shard"
    assert tasks.build_shard(dead.pk) == Status.COMPLETE
    assert content(report) == whole(settings)


def test_it_tells_of_shards_whose_messages_were_lost(report, clock, settings):
    parts = cut(report)
    clock.shift(settings.REPORT_REQUEUE_AFTER + timedelta(seconds=1))

    assert {shard.pk for shard in shards.sweep()} == {shard.pk for shard in parts}
    assert shards.sweep() == []


def test_its_shards_wait_for_the_sweep_when_the_broker_is_away(
    report, clock, monkeypatch, settings
):
    def unreachable(**_):
        raise kombu.exceptions.OperationalError("connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(tasks.build_shard, "apply_async", unreachable)
        assert tasks.build_report(str(report.pk)) == Status.RUNNING

    clock.shift(settings.REPORT_REQUEUE_AFTER)
    assert len(shards.sweep()) == report.shards.count() > 1


def test_it_is_put_together_by_another_when_the_last_worker_died_before(report, clock):
    for shard in cut(report):
        shards.build_shard(shard.pk)
    clock.shift(timedelta(seconds=1))

    assert services.sweep() == [report.pk]
    assert tasks.build_report(str(report.pk)) == Status.COMPLETE


def test_it_fails_when_a_shard_was_tried_too_often(report, clock, settings):
    dead, *_ = cut(report)
    for _ in range(settings.MAX_ATTEMPTS):
        assert shards.claim(dead.pk)
        clock.shift(settings.REPORT_LEASE + timedelta(seconds=1))
    shards.sweep()

    assert fresh(report).status == Status.FAILED
    assert fresh(report).error.startswith("Shard 0: Gave up after 3 attempts")


def test_it_tries_a_shard_again_after_what_may_pass(report, clock, monkeypatch):
    shard, *_ = cut(report)
    with monkeypatch.context() as broken:
        broken.setattr(computing, "load_fleet", raising(OperationalError("the database is away")))
        with pytest.raises(OperationalError):
            shards.build_shard(shard.pk)
    assert (fresh(report).status, fresh(shard).status) == (Status.RUNNING, Status.RUNNING)

    clock.move_to(fresh(shard).due_at)
    assert [one.pk for one in shards.sweep()] == [shard.pk]
    assert shards.build_shard(shard.pk) is not None


def test_it_fails_at_once_with_what_will_not_pass(report, monkeypatch):
    first, second, *_ = cut(report)
    with monkeypatch.context() as broken:
        broken.setattr(computing, "load_fleet", raising(ValueError("no such zone")))
        with pytest.raises(ValueError, match="no such zone"):
            shards.build_shard(first.pk)

    assert (fresh(report).status, fresh(report).error) == ("Failed", INTERNAL)
    assert shards.build_shard(second.pk) is None, "nobody needs it any more"
    assert shards.sweep() == []


def test_it_removes_the_part_of_a_worker_that_lost_its_lease(report, clock, monkeypatch, settings):
    shard, *_ = cut(report)
    compute = shards.compute

    def slowly(*arguments):
        with monkeypatch.context() as again:
            again.setattr(shards, "compute", compute)
            clock.shift(settings.REPORT_LEASE + timedelta(seconds=1))
            assert shards.build_shard(shard.pk) is not None
        return compute(*arguments)

    monkeypatch.setattr(shards, "compute", slowly)
    with pytest.raises(shards.LeaseLost):
        shards.build_shard(shard.pk)

    assert files() == [fresh(shard).part.rpartition("/")[2]]
    assert fresh(report).stores_done == fresh(shard).store_count, "counted once"


def raising(error):
    def load_fleet(**_):
        raise error

    return load_fleet


def test_its_shards_go_with_it(report):
    cut(report)
    Report.objects.filter(pk=report.pk).delete()

    assert not Shard.objects.exists()


def test_it_is_put_together_however_few_attempts_are_allowed(settings):
    settings.MAX_ATTEMPTS = 1
    report = request()

    for shard in cut(report):
        tasks.build_shard(shard.pk)

    assert fresh(report).status == Status.COMPLETE


def test_it_keeps_no_part_of_a_report_that_failed(report):
    first, second, *_ = cut(report)
    shards.build_shard(first.pk)
    services.fail(report.pk, "no such zone")

    assert files() == []
    assert shards.build_shard(second.pk) is None


def test_it_keeps_no_part_that_was_finished_after_the_report_failed(report, monkeypatch):
    shard, *_ = cut(report)
    compute = shards.compute

    def failing_meanwhile(*arguments):
        services.fail(report.pk, "no such zone")
        return compute(*arguments)

    monkeypatch.setattr(shards, "compute", failing_meanwhile)
    with pytest.raises(shards.LeaseLost):
        shards.build_shard(shard.pk)

    assert files() == []
    assert fresh(report).error == "no such zone"


def test_it_is_not_failed_by_a_worker_that_lost_its_shard(report, clock, monkeypatch, settings):
    shard, *_ = cut(report)

    def late(*_):
        clock.shift(settings.REPORT_LEASE + timedelta(seconds=1))
        shards.claim(shard.pk)
        raise ValueError("no such zone")

    monkeypatch.setattr(shards, "compute", late)
    with pytest.raises(shards.LeaseLost):
        shards.build_shard(shard.pk)

    assert fresh(report).status == Status.RUNNING
