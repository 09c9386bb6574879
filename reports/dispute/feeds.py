"""The rows of a few stores as CSV feeds, which give the same numbers wherever they are read."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from fleet.models import Store
from uptime import Fleet
from uptime.explain.words import status, utc, wall
from uptime.open_time.special_days import CLOSED_ALL_DAY

_EPOCH = date(1970, 1, 1)


def feeds_of(fleet: Fleet, stores: QuerySet[Store]) -> dict[str, bytes]:
    """Return the feeds of a fleet by file name, without those that have no row.

    The file of stores names each, so that one without any other row is in the report too. The order
    of rows depends on nothing but the rows.
    """
    ids = fleet.store_ids
    hours, polls = fleet.hours, fleet.polls
    in_week = np.lexsort((hours.closes, hours.opens, hours.weekday, hours.store))
    days = fleet.special_days
    in_year = np.lexsort((days.closes, days.opens, days.date, days.store))
    by_time = np.lexsort((polls.at, polls.store))
    files = {
        "polls.csv": _csv(
            ("store_id", "status", "timestamp_utc"),
            (
                (ids[store], status(active=active), utc(at))
                for store, active, at in _rows(by_time, polls.store, polls.active, polls.at)
            ),
        ),
        "business_hours.csv": _csv(
            ("store_id", "day", "start_time_local", "end_time_local"),
            (
                (ids[store], day, wall(opens), wall(closes))
                for store, day, opens, closes in _rows(
                    in_week, hours.store, hours.weekday, hours.opens, hours.closes
                )
            ),
        ),
        "special_days.csv": _csv(
            ("store_id", "date", "start_time_local", "end_time_local", "reason"),
            (
                (ids[store], _EPOCH + timedelta(days=day), *_times(opens, closes), "")
                for store, day, opens, closes in _rows(
                    in_year, days.store, days.date, days.opens, days.closes
                )
            ),
        ),
        "time_zones.csv": _csv(
            ("store_id", "timezone_str"),
            (
                (store_id, fleet.zone_names[zone])
                for store_id, zone in zip(ids, fleet.time_zones.tolist(), strict=True)
                if zone >= 0
            ),
        ),
        "stores.csv": _csv(("store_id", "name", "tags"), _named(ids, stores)),
    }
    return {name: content for name, content in files.items() if content.count(b"\n") > 1}


def _times(opens: int, closes: int) -> tuple[str, str]:
    return ("", "") if opens == CLOSED_ALL_DAY else (wall(opens), wall(closes))


def _rows(order: NDArray[np.intp], *columns: NDArray[Any]) -> Iterable[tuple[Any, ...]]:
    return zip(*(column[order].tolist() for column in columns), strict=True)


def _named(ids: Sequence[str], stores: QuerySet[Store]) -> Iterable[tuple[str, str, str]]:
    known = {store.store_id: store for store in stores.prefetch_related("tags")}
    for store_id in ids:
        store = known.get(store_id)
        tags = sorted(tag.name for tag in store.tags.all()) if store else []
        yield store_id, store.name if store else "", ";".join(tags)


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
