"""Special days from a file to the database: the rows of a store and date replace earlier ones.

Call inside a transaction, after ``database().serialise()``. Rows in files are about stores, and
only these are replaced, never those of a tag or the fleet.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from feeds.values import NO_TIME
from fleet.models import SpecialDay
from fleet.polls.columns import Columns, snapshot
from fleet.polls.database import Database
from fleet.special_days.reading import read_special_days
from ingestion.storing.diff import find, keep_last
from ingestion.storing.loader import Counts, OnRows
from ingestion.storing.spool import Spool
from ingestion.storing.stores import find_or_create

_AT_ONCE = 10_000
_MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = ("store", "date")
_KEY = (*_DAY, "opens", "closes")


def load_special_days(  # noqa: PLR0913 - as ``load_stores``, and who sent the file
    spool: Spool,
    store_ids: Sequence[str],
    texts: Sequence[str],
    database: Database,
    on_rows: OnRows,
    *,
    made_by: str,
) -> Counts:
    """Store the rows of one file.

    ``spool`` refers to stores by index into ``store_ids``, and to reasons by index into ``texts``.
    A row is changed if only its reason was another one.
    """
    counts = Counts()
    keys = find_or_create(store_ids, database).key
    for rows in spool.groups("store", 1):
        given = {**{name: rows[name] for name in _KEY}, "store": keys[rows["store"]]}
        distinct = keep_last([given[name] for name in _KEY], rows["reason"])
        counts.add(distinct)
        given = {name: column[distinct.rows] for name, column in given.items()}
        reasons = [texts[code] for code in rows["reason"][distinct.rows].tolist()]
        _replace(given, reasons, database, counts, made_by)
        on_rows(len(rows))
    return counts


def _replace(
    given: Columns, reasons: Sequence[str], database: Database, counts: Counts, made_by: str
) -> None:
    """Write the distinct rows that differ; delete others of their stores and dates."""
    known = _known(given)
    found = find([given[name] for name in _KEY], [known[name] for name in _KEY])
    new = found < 0
    gone = np.delete(known["pk"], found[~new]).tolist()
    for start in range(0, len(gone), _AT_ONCE):
        SpecialDay.objects.filter(pk__in=gone[start : start + _AT_ONCE]).delete()
    if new.any():
        _insert(given, reasons, np.flatnonzero(new), database, made_by)
    there = np.flatnonzero(~new).tolist()
    said = dict(
        zip(known["pk"][found[~new]].tolist(), (reasons[row] for row in there), strict=True)
    )
    changed = _correct(said, made_by)
    counts.new += int(np.count_nonzero(new))
    counts.changed += changed
    counts.repeated += len(there) - changed
    counts.removed += len(gone)


def _known(given: Columns) -> Columns:
    """Return the rows of the same stores on the same dates."""
    keys, dates = given["store"], given["date"]
    first, last = int(dates.min()), int(dates.max())
    near = SpecialDay.objects.filter(
        store__gte=int(keys.min()),
        store__lte=int(keys.max()),
        date__range=(_date(first), _date(last)),
    )
    with snapshot() as read:
        known = read_special_days(read, near)
    width = last - first + 1
    concerned = np.isin(_day(known, first, width), _day(given, first, width))
    return {name: column[concerned] for name, column in known.items()}


def _day(rows: Columns, first: int, width: int) -> NDArray[np.int64]:
    """Return a number for the store and date of each row."""
    days: NDArray[np.int64] = rows["store"].astype(np.int64) * width + (rows["date"] - first)
    return days


def _insert(
    given: Columns,
    reasons: Sequence[str],
    which: NDArray[np.intp],
    database: Database,
    made_by: str,
) -> None:
    """Insert some of the rows; through the models it would take ten times as long."""
    times = {name: given[name][which].tolist() for name in ("opens", "closes")}
    database.insert(
        SpecialDay,
        {
            "store": given["store"][which],
            "date": _objects(map(_date, given["date"][which].tolist())),
            **{name: _objects(map(_time, column)) for name, column in times.items()},
            "reason": _objects(reasons[row] for row in which.tolist()),
            "made_by": _objects([made_by] * len(which)),
        },
    )


def _objects(values: Iterable[object]) -> NDArray[np.object_]:
    return np.fromiter(values, dtype=object)


def _correct(said: dict[int, str], made_by: str) -> int:
    """Write the reasons that differ, by the rows' keys; return how many did."""
    keys = list(said)
    changed: dict[str, list[int]] = {}
    for start in range(0, len(keys), _AT_ONCE):
        there = SpecialDay.objects.filter(pk__in=keys[start : start + _AT_ONCE])
        for key, reason in there.order_by().values_list("pk", "reason"):
            if reason != said[key]:
                changed.setdefault(said[key], []).append(key)
    for reason, those in changed.items():
        for start in range(0, len(those), _AT_ONCE):
            rows = SpecialDay.objects.filter(pk__in=those[start : start + _AT_ONCE])
            rows.update(reason=reason, made_by=made_by)
    return sum(map(len, changed.values()))


def _date(days: int) -> date:
    return (_MIDNIGHT + timedelta(days=days)).date()


def _time(microseconds: int) -> time | None:
    if microseconds == NO_TIME:
        return None
    return (_MIDNIGHT + timedelta(microseconds=microseconds)).time()
