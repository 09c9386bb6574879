"""Whose special days count for a store: its own, those of its tags, those of the fleet."""

import random
from datetime import UTC, date, datetime, time

import numpy as np
import pytest

from fleet.models import SpecialDay, Store, Tag
from reports.build.selectors import load_fleet
from reports.build.services import build_report
from reports.request.requesting import request_report
from tests.database.files import (
    ingest_hours,
    ingest_polls,
    ingest_special_days,
    ingest_stores,
    ingest_time_zones,
)
from uptime.instants import to_microseconds

pytestmark = pytest.mark.django_db(transaction=True)

AS_OF = datetime(2023, 12, 28, 12, tzinfo=UTC)
START, END = to_microseconds(datetime(2023, 12, 20, tzinfo=UTC)), to_microseconds(AS_OF)
CHRISTMAS = date(2023, 12, 25)


def special(day=CHRISTMAS, hours="", **scope):
    """Add a row; ``hours`` like "9-12", none for closed."""
    opens, closes = (time(int(hour)) for hour in hours.split("-")) if hours else (None, None)
    if "tag" in scope:
        scope["tag"] = Tag.objects.get_or_create(name=scope["tag"])[0]
    if "store" in scope:
        scope["store"] = Store.objects.get(store_id=scope["store"])
    return SpecialDay.objects.create(date=day, opens=opens, closes=closes, made_by="a", **scope)


def loaded(**options):
    """The special days that each store has, as "store day hours"."""
    fleet = load_fleet(start=START, end=END, **options)
    days = fleet.special_days
    assert days.store.dtype == np.int32
    assert days.date.dtype == np.int32
    return [
        f"{fleet.store_ids[store]} {date(1970, 1, 1).fromordinal(719_163 + day):%d}"
        f" {'closed' if opens < 0 else f'{opens // 3_600_000_000}-{closes // 3_600_000_000}'}"
        for store, day, opens, closes in zip(
            *(one.tolist() for one in (days.store, days.date, days.opens, days.closes)),
            strict=True,
        )
    ]


@pytest.fixture(autouse=True)
def stores():
    ingest_stores("a,,airport;mall", "b,,airport", "c,,")


def test_there_are_none_without_rows():
    assert loaded() == []


def test_the_fleets_days_are_every_stores():
    special(hours="9-12")
    special(hours="17-20")
    special(date(2023, 12, 26))
    assert loaded() == [
        f"{store} {day}" for store in "abc" for day in ("25 9-12", "25 17-20", "26 closed")
    ]


def test_a_tags_day_replaces_the_fleets_for_its_stores():
    special()
    special(hours="9-12", tag="airport")
    assert loaded() == ["a 25 9-12", "b 25 9-12", "c 25 closed"]


def test_a_stores_own_day_replaces_those_of_its_tags_and_the_fleet():
    special(hours="9-12")
    special(hours="10-11", tag="airport")
    special(store="a")
    special(hours="6-7", store="c")
    assert loaded() == ["a 25 closed", "b 25 10-11", "c 25 6-7"]


def test_only_the_dates_that_a_nearer_scope_names_are_replaced():
    for day in (24, 25, 26):
        special(date(2023, 12, day))
    special(date(2023, 12, 25), hours="9-12", tag="airport")
    special(date(2023, 12, 26), hours="1-2", store="a")
    assert loaded() == [
        *("a 24 closed", "a 25 9-12", "a 26 1-2"),
        *("b 24 closed", "b 25 9-12", "b 26 closed"),
        *("c 24 closed", "c 25 closed", "c 26 closed"),
    ]


def test_the_tags_of_a_store_are_united():
    special(hours="9-12", tag="airport")
    special(hours="9-12", tag="mall")
    special(hours="14-15", tag="mall")
    special(hours="3-4", tag="unused")
    assert loaded() == ["a 25 9-12", "a 25 14-15", "b 25 9-12"]


def test_a_store_read_alone_has_the_same_days():
    special()
    special(hours="9-12", tag="airport")
    special(hours="10-11", store="a")
    for store, expected in (("a", "10-11"), ("b", "9-12"), ("c", "closed")):
        key = Store.objects.get(store_id=store).key
        assert loaded(keys=(key, key)) == [f"{store} 25 {expected}"]
        assert loaded(stores=Store.objects.filter(key=key)) == [f"{store} 25 {expected}"]


def test_days_long_before_or_after_are_not_read():
    for day in (date(2023, 11, 25), date(2024, 1, 25)):
        special(day)
        special(day, tag="airport")
        special(day, store="a")
    special(date(2023, 12, 30))
    assert loaded() == ["a 30 closed", "b 30 closed", "c 30 closed"]


def test_no_stores_have_no_days():
    special()
    special(tag="airport")
    assert loaded(stores=Store.objects.filter(key=0)) == []


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_a_loop_over_stores_and_dates(seed):
    """The rule as docs/uptime.md says it, one store and one date after another."""
    chance = random.Random(seed)
    tags = ["red", "green", "blue"]
    chosen = {f"s{n}": chance.sample(tags, chance.randrange(4)) for n in range(6)}
    ingest_stores(*(f"{store},,{';'.join(of)}" for store, of in chosen.items()))
    Store.objects.exclude(store_id__in=chosen).delete()
    said = {}
    scopes = [{"store": name} for name in chosen] + [{"tag": name} for name in tags] + [{}]
    for scope in scopes:
        for day in (23, 24, 25):
            for hours in chance.sample(["", "1-2", "3-4"], chance.choice([0, 0, 1, 2])):
                special(date(2023, 12, day), hours, **scope)
                said.setdefault((*scope.values(), day), []).append(hours or "closed")
    order = ["closed", "1-2", "3-4"].index
    expected = []
    for store, of in chosen.items():
        for day in (23, 24, 25):
            united = {hours for tag in of for hours in said.get((tag, day), [])}
            rows = said.get((store, day)) or united or said.get((day,), [])
            expected += [f"{store} {day} {hours}" for hours in sorted(rows, key=order)]
    assert loaded() == expected


def test_a_report_uses_them():
    ingest_time_zones("a,UTC", "b,UTC")
    ingest_hours("a,3,10:00,12:00", "b,3,10:00,12:00")
    ingest_polls("a,active,2023-12-28 10:30:00 UTC", "b,active,2023-12-28 10:30:00 UTC")
    ingest_special_days("a,2023-12-28,09:00,10:45,Inventory")
    special(date(2023, 12, 28), tag="airport")
    report = build_report(request_report(as_of=AS_OF, requested_by="a test").report.pk)
    with report.file.open("rt") as file:
        rows = file.read().splitlines()
    assert rows[1:3] == ["a,0.00,1.75,1.75,0.00,0.00,0.00", "b,0.00,0.00,0.00,0.00,0.00,0.00"]
