"""The exclusions that a report reads: of its stores and its time, each stretch once."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from fleet.editing import delete_stores
from fleet.models import Exclusion, Store, StoreTag, Tag
from fleet.versions import current_version
from reports.build.selectors import load_fleet
from tests.database.fleet.exclusions import FIRST, LAST, SUNDAYS, made
from uptime.instants import from_microseconds, to_microseconds
from uptime.windows.elapsed import DAY

pytestmark = pytest.mark.django_db(transaction=True)

START, END = datetime(2024, 1, 10, tzinfo=UTC), datetime(2024, 1, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def stores():
    """Three stores; two of them are open at night."""
    rows = [Store.objects.create(store_id=name) for name in "abc"]
    tag = Tag.objects.create(name="night")
    StoreTag.objects.bulk_create(StoreTag(store=row, tag=tag) for row in rows[1:])
    return dict(zip("abc", rows, strict=True))


def excluded(start=START, end=END, **which):
    """Return the intervals by store, merged as a report counts them."""
    fleet = load_fleet(start=to_microseconds(start), end=to_microseconds(end), **which)
    found = {}
    rows = fleet.exclusions
    for store, begin, until in zip(rows.store, rows.start, rows.end, strict=True):
        told = (from_microseconds(int(begin)), from_microseconds(int(until)))
        found.setdefault(fleet.store_ids[store], []).append(told)
    return {store: sorted(told) for store, told in found.items()}


@pytest.mark.usefixtures("stores")
def test_one_of_the_fleet_is_for_every_store():
    made()
    assert excluded() == {name: [(FIRST, LAST)] for name in "abc"}


def test_one_of_a_tag_or_store_is_for_these_only(stores):
    made(scope="tag", tag=Tag.objects.get())
    made(scope="store", store=stores["a"], starts_at=LAST, ends_at=LAST + HOUR)
    expected = {"a": [(LAST, LAST + HOUR)], "b": [(FIRST, LAST)], "c": [(FIRST, LAST)]}
    assert excluded() == expected


@pytest.mark.parametrize("which", ["key", "range", "chosen"])
def test_a_report_of_a_few_stores_reads_theirs(stores, which):
    made()
    made(scope="tag", tag=Tag.objects.get(), starts_at=LAST, ends_at=LAST + HOUR)
    made(scope="store", store=stores["c"], starts_at=FIRST - 2 * HOUR, ends_at=FIRST - HOUR)
    key = stores["b"].key
    few = {
        "key": {"keys": (key, key)},
        "range": {"keys": (stores["a"].key, key)},
        "chosen": {"stores": Store.objects.filter(store_id="b")},
    }[which]
    found = excluded(**few)
    assert found.pop("a", [(FIRST, LAST)]) == [(FIRST, LAST)]
    assert found.pop("b")[-1][1] == LAST + HOUR
    assert not found


@pytest.mark.usefixtures("stores")
def test_overlaps_in_one_scope_are_one_interval():
    made()
    made(starts_at=FIRST + HOUR, ends_at=LAST + HOUR)
    made(starts_at=FIRST, ends_at=FIRST + HOUR)
    assert excluded()["a"] == [(FIRST, LAST + HOUR)]


@pytest.mark.usefixtures("stores")
def test_only_the_time_of_the_report_counts():
    made(starts_at=START - 9 * HOUR, ends_at=START + HOUR)
    made(starts_at=START - 2 * HOUR, ends_at=START)
    made(starts_at=END + HOUR, ends_at=END + 2 * HOUR)
    assert excluded()["a"] == [(START, START + HOUR)]


@pytest.mark.usefixtures("stores")
def test_a_rule_is_expanded_in_its_zone():
    made(**SUNDAYS)
    nine = datetime(2024, 1, 14, 9, tzinfo=UTC)
    assert excluded()["c"] == [(nine, nine + HOUR)]
    assert excluded(end=nine - HOUR) == {}


@pytest.mark.usefixtures("stores")
def test_a_rule_that_was_ended_early_is_cut_there():
    half = datetime(2024, 1, 14, 9, 30, tzinfo=UTC)
    row = made(**SUNDAYS, ends_at=half)
    assert excluded()["c"] == [(half - HOUR / 2, half)]
    Exclusion.objects.filter(pk=row.pk).update(ends_at=half - HOUR)
    assert excluded() == {}


@pytest.mark.usefixtures("stores")
def test_occurrences_that_overlap_are_one_interval():
    made(**{**SUNDAYS, "rule": "FREQ=DAILY", "duration_us": 2 * DAY}, ends_at=END - HOUR)
    assert excluded()["a"] == [(START, END - HOUR)]


@pytest.mark.usefixtures("stores")
def test_times_of_day_are_read_to_the_microsecond():
    at = time(3, 4, 5, 678901)
    made(**{**SUNDAYS, "start_time": at, "first_date": date(2024, 1, 14), "time_zone_id": "UTC"})
    begin = datetime.combine(date(2024, 1, 14), at, UTC)
    assert excluded()["a"] == [(begin, begin + HOUR)]


def test_no_store_and_no_exclusion_is_none():
    made()
    assert excluded() == {}


def test_deleted_stores_take_theirs_along(stores):
    made(scope="store", store=stores["a"])
    delete_stores([stores["a"].key])
    assert not Exclusion.objects.exists()


def test_every_change_raises_the_version(stores):
    seen = [current_version()]
    row = made(scope="store", store=stores["a"])
    seen.append(current_version())
    row.ends_at = LAST + HOUR
    row.save()
    seen.append(current_version())
    row.delete()
    seen.append(current_version())
    assert seen == sorted(set(seen))
