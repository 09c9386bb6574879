"""Sequences of small files of all feeds, against tables kept in plain dictionaries."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.models import BusinessHours, Poll, Store
from ingestion.models import Ingestion
from ingestion.storing import spool
from tests.database.files import HOURS, STATUS, TIME_ZONES, counts, csv, ingest

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2024, 1, 15, 9, tzinfo=UTC)
STORES = st.sampled_from(["a", "b", "1,2", "0012"])
INSTANTS = st.sampled_from(
    [
        START,
        START + timedelta(microseconds=1),
        START + timedelta(minutes=59, seconds=59),
        START + timedelta(hours=1),
        START - timedelta(days=400),
        START + timedelta(days=3, microseconds=500_000),
    ]
)
TIMES = st.sampled_from([time(0), time(9), time(9, 0, 0, 1), time(23, 59), time(23, 59, 59)])
ZONES = st.sampled_from(["Asia/Tokyo", "America/Chicago", "UTC"])

FILES = st.one_of(
    st.tuples(st.just("status"), st.lists(st.tuples(STORES, INSTANTS, st.booleans()), min_size=1)),
    st.tuples(
        st.just("hours"),
        st.lists(st.tuples(STORES, st.integers(0, 6), TIMES, TIMES), min_size=1, max_size=8),
    ),
    st.tuples(st.just("timezones"), st.lists(st.tuples(STORES, ZONES), min_size=1, max_size=8)),
)


@dataclass
class Tables:
    """What the database should contain, and the expected counts of each file."""

    stores: set = field(default_factory=set)
    polls: dict = field(default_factory=dict)
    zones: dict = field(default_factory=dict)
    openings: dict = field(default_factory=dict)

    def ingest(self, feed, rows):
        self.stores |= {row[0] for row in rows}
        if feed == "status":
            counted = self._set(self.polls, [((store, at), int(up)) for store, at, up in rows])
        elif feed == "timezones":
            counted = self._set(self.zones, rows)
        else:
            counted = self._replace(rows)
        return {"read": len(rows)} | {name: count for name, count in counted.items() if count}

    def last_poll(self, store):
        polls = [(at, status) for (of, at), status in self.polls.items() if of == store]
        return max(polls, default=(None, None))

    @staticmethod
    def _set(table, pairs):
        last = dict(pairs)
        same = sum(value == last[key] for key, value in pairs) - len(last)
        counted = {
            "new": sum(key not in table for key in last),
            "changed": sum(table.get(key, value) != value for key, value in last.items()),
            "repeated": same + sum(table.get(key) == value for key, value in last.items()),
            "superseded": len(pairs) - len(last) - same,
        }
        table.update(last)
        return counted

    def _replace(self, rows):
        distinct = set(rows)
        named = {row[0] for row in rows}
        before = {row for store in named for row in self.openings.get(store, ())}
        self.openings |= {store: {row for row in distinct if row[0] == store} for store in named}
        return {
            "new": len(distinct - before),
            "repeated": len(rows) - len(distinct) + len(distinct & before),
            "removed": len(before - distinct),
        }


def text_of(feed, rows):
    if feed == "status":
        lines = [
            f'"{store}",{"active" if active else "inactive"},{at:%Y-%m-%d %H:%M:%S.%f} UTC'
            for store, at, active in rows
        ]
        return csv(STATUS, *lines)
    lines = [",".join([f'"{store}"', *(str(value) for value in rest)]) for store, *rest in rows]
    return csv(HOURS if feed == "hours" else TIME_ZONES, *lines)


def stored():
    """The tables as they are, in the form of the model."""
    polls = Poll.objects.values_list("store__store_id", "polled_at", "status")
    openings = BusinessHours.objects.values_list("store__store_id", "weekday", "opens", "closes")
    stores = Store.objects.values_list("store_id", "time_zone_id", "last_polled_at", "last_status")
    return {
        "stores": sorted(stores),
        "polls": sorted(polls),
        "openings": sorted(openings),
    }


def expected(tables):
    return {
        "stores": sorted(
            (store, tables.zones.get(store), *tables.last_poll(store)) for store in tables.stores
        ),
        "polls": sorted((store, at, status) for (store, at), status in tables.polls.items()),
        "openings": sorted(row for rows in tables.openings.values() for row in rows),
    }


def empty():
    for model in (Poll, BusinessHours, Store, Ingestion):
        model.objects.all().delete()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(FILES, min_size=1, max_size=6), st.sampled_from([1, 3, 1_000_000]))
def test_it_stores_any_sequence_of_files_as_plain_tables_would(files, group_rows):
    empty()
    tables = Tables()
    with patch.object(spool, "GROUP_ROWS", group_rows):
        for feed, rows in files:
            record = ingest(text_of(feed, rows))

            assert record.feed == feed
            assert counts(record) == tables.ingest(feed, rows)
            assert stored() == expected(tables)
