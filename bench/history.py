"""A long history made quickly, and the hours that come after it."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from bench.measure import Run, say
from fleet.extent import newest_poll
from fleet.models import Poll, Store
from fleet.polls.columns import Columns, snapshot
from fleet.polls.database import database
from fleet.polls.store_indexes import index_by_store
from uptime.instants import to_microseconds

_HOUR = 3_600_000_000
_WEEK = 7 * 24 * _HOUR


def add_history(weeks: str) -> Run:
    """Repeat the week before the last day so many times, a week further back each time.

    The fleet's eight days and its repetitions lie end to end: no poll meets another.
    """
    week = _week_before_the_last_day()
    for number in range(1, int(weeks) + 1):
        with transaction.atomic():
            shifted = {**week, "polled_at": week["polled_at"] - number * _WEEK}
            database().insert(Poll, shifted)
        say(f"  {number} weeks of {weeks} added")
    settle()
    return Run(seconds=0, rows=Poll.objects.count())


def save_hours(folder: str, count: str) -> Run:
    """Write ``hour-0.csv`` and so on: a poll of every store in each hour after the newest poll."""
    store_ids = list(Store.objects.order_by("key").values_list("store_id", flat=True))
    newest = to_microseconds(_newest())
    # Within an hour, but not in the order of the stores.
    into = np.random.default_rng(1).permutation(len(store_ids)) * _HOUR // len(store_ids)
    for number in range(int(count)):
        texts = _texts(newest + 1 + number * _HOUR + into)
        lines = [f"{a},active,{b}\n" for a, b in zip(store_ids, texts, strict=True)]
        path = Path(folder) / f"hour-{number}.csv"
        path.write_text("store_id,status,timestamp_utc\n" + "".join(lines))
    return Run(seconds=0, rows=len(store_ids))


def settle() -> None:
    """Do now what database and workers do within minutes: not in the middle of a run."""
    index_by_store()
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT current_setting('is_superuser')")
        if cursor.fetchone() == ("on",):
            cursor.execute("CHECKPOINT")


def _newest() -> datetime:
    newest = newest_poll()
    if newest is None:
        raise SystemExit("There are no polls.")
    return newest


def _week_before_the_last_day() -> Columns:
    """Return the polls from eight days to one day before the newest, in the table's order."""
    end = _newest() - timedelta(days=1)
    with snapshot() as read:
        return read(
            Poll.objects.filter(polled_at__gt=end - timedelta(weeks=1), polled_at__lte=end)
            .order_by("polled_at", "store_id")
            .values_list("polled_at", "store_id", "status"),
            {"polled_at": "instant", "store": "int32", "status": "int8"},
        )


def _texts(instants: NDArray[np.int64]) -> list[str]:
    """Return instants as the feed writes them."""
    texts = np.datetime_as_string(instants.astype("datetime64[us]")).tolist()
    return [text.replace("T", " ") + " UTC" for text in texts]
