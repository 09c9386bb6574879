"""The bench's long history and its next hours are what they claim to be."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.history import add_history, save_hours
from feeds.files.sources import from_path
from fleet.models import Poll, Store
from fleet.polls.partitions import make_room_for
from ingestion.services import ingest

pytestmark = pytest.mark.django_db(transaction=True)

NEWEST = datetime(2024, 3, 13, 18, 13, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)


@pytest.fixture
def eight_days():
    """Two stores that were polled once an hour for eight days."""
    known = {"last_polled_at": NEWEST, "last_status": 0}
    stores = Store.objects.bulk_create([Store(store_id=name, **known) for name in ("a", "b")])
    ago = [number * HOUR for number in range(8 * 24)]
    make_room_for((NEWEST - one, store.key) for one in ago for store in stores)
    Poll.objects.bulk_create(
        Poll(polled_at=NEWEST - one, store=store, status=number % 3 % 2)
        for number, one in enumerate(ago)
        for store in stores
    )


def polls():
    return set(Poll.objects.values_list("polled_at", "store__store_id", "status"))


@pytest.mark.usefixtures("eight_days")
def test_it_repeats_one_week_further_and_further_back_without_a_gap():
    before = polls()
    run = add_history("2")
    assert before <= polls()
    assert run.rows == Poll.objects.count() == 2 * (8 + 7 + 7) * 24
    instants = {at for at, _, _ in polls()}
    assert instants == {NEWEST - number * HOUR for number in range((8 + 7 + 7) * 24)}
    week = {(at, store, status) for at, store, status in before if at <= NEWEST - 24 * HOUR}
    for weeks in (1, 2):
        assert {(at - weeks * WEEK, store, status) for at, store, status in week} <= polls()


@pytest.mark.usefixtures("eight_days")
def test_it_writes_hours_that_are_new_one_after_the_other(tmp_path):
    assert save_hours(str(tmp_path), "2").rows == 2
    for number in range(2):
        (source,) = from_path(tmp_path / f"hour-{number}.csv")
        record = ingest(source, requested_by="test")
        assert (record.feed, record.rows_read, record.rows_new) == ("status", 2, 2)
        later = Poll.objects.filter(polled_at__gt=NEWEST + number * HOUR)
        assert later.filter(polled_at__lte=NEWEST + (number + 1) * HOUR).count() == 2
        assert later.count() == 2
