"""Shards whose worker died, or that fail."""

from datetime import timedelta

import kombu.exceptions
import pytest
from django.db import OperationalError

from api.errors.reasons import INTERNAL
from reports import tasks
from reports.build import computing, services, shards
from reports.models import Report, Shard, Status
from tests.database.reports.shards.parting import content, cut, files, fresh, request, whole

pytestmark = pytest.mark.django_db(transaction=True)


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
