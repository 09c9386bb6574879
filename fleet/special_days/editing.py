"""Changes of special days by people and programs, serialised with ingestions.

Each function runs in its own transaction and raises ``OperationalError`` if an ingestion is storing
for longer than ``fleet.editing.WAIT_SECONDS``. The audit entry says which day was changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, time

from access.audit.recording import current
from fleet.editing import serialised
from fleet.models import SpecialDay
from fleet.special_days.scopes import Scope, parse_scope, scope_of


@dataclass(frozen=True)
class Times:
    """One opening of a date, or no times for a date that is closed; and why."""

    date: date
    opens: time | None
    closes: time | None
    reason: str = ""


class Conflict(Exception):
    """Another row of the same scope and date contradicts it; the text says which, for people.

    ``rows``: the ids of such rows.
    """

    def __init__(self, text: str, rows: Sequence[SpecialDay]) -> None:
        super().__init__(text)
        self.rows = [row.pk for row in rows]


def add_special_day(scope: str, times: Times, *, made_by: str) -> tuple[SpecialDay, bool]:
    """Add a row; return it, and False if the same one was there.

    Raises ``UnknownScope`` and ``Conflict``.
    """
    with serialised():
        return _add(parse_scope(scope), times, made_by)


def add_special_days(scope: str, days: Iterable[Times], *, made_by: str) -> int:
    """Add rows in one transaction, all or none; return how many were not there.

    Raises ``UnknownScope`` and ``Conflict``.
    """
    with serialised():
        where = parse_scope(scope)
        return sum(_add(where, times, made_by)[1] for times in days)


def change_special_day(key: int, given: dict[str, date | time | str | None]) -> SpecialDay:
    """Change values of a row, by the names in ``Times``, and return it.

    Raises ``SpecialDay.DoesNotExist``, ``ValueError`` for one time without the other, and
    ``Conflict``.
    """
    with serialised():
        row = _row(key)
        before = _times_of(row)
        times = replace(before, **given)  # type: ignore[arg-type] # checked by the caller
        if times == before:
            return row
        if (times.opens is None) != (times.closes is None):
            raise ValueError("Give both times, or neither for a closed day.")
        scope = scope_of(row)
        others = [other for other in _rows_of(scope, times.date) if other.pk != row.pk]
        _check(scope, times, others)
        _note(changed_day=_said(scope, before), into=_said(scope, times))
        for name, value in asdict(times).items():
            setattr(row, name, value)
        row.save()
    return row


def delete_special_day(key: int) -> None:
    """Delete a row; raises ``SpecialDay.DoesNotExist``."""
    with serialised():
        row = _row(key)
        _note(deleted_day=_said(scope_of(row), _times_of(row)))
        row.delete()


def delete_special_days(keys: Sequence[int]) -> None:
    """Delete rows; those that are gone are ignored."""
    with serialised():
        SpecialDay.objects.filter(pk__in=keys).delete()


def contradiction(scope: Scope, times: Times, *, but: int | None = None) -> str | None:
    """Return why a row would be refused at this moment, except for the row ``but``; else None."""
    others = [row for row in _rows_of(scope, times.date) if row.pk != but]
    if but is None and any(_times_of(row) == times for row in others):
        return None
    try:
        _check(scope, times, others)
    except Conflict as error:
        return str(error)
    return None


def _add(scope: Scope, times: Times, made_by: str) -> tuple[SpecialDay, bool]:
    there = _rows_of(scope, times.date)
    for row in there:
        if _times_of(row) == times:
            return row, False
    _check(scope, times, there)
    row = SpecialDay.objects.create(
        store=scope.store, tag=scope.tag, made_by=made_by[:150], **asdict(times)
    )
    _note(added_day=_said(scope, times))
    return row, True


def _check(scope: Scope, times: Times, others: Sequence[SpecialDay]) -> None:
    """Raise ``Conflict`` if other rows of the date say the same times, or cannot hold as well."""
    same = [row for row in others if (row.opens, row.closes) == (times.opens, times.closes)]
    if same:
        text = f"{scope} has this row for {times.date} already, for another reason: change that."
        raise Conflict(text, same)
    against = [row for row in others if (row.opens is None) != (times.opens is None)]
    if against:
        said = "is closed" if against[0].opens is None else "has opening times"
        raise Conflict(f"{scope} {said} on {times.date} already: delete or change that.", against)


def _rows_of(scope: Scope, day: date) -> list[SpecialDay]:
    return list(SpecialDay.objects.filter(scope.rows, date=day))


def _row(key: int) -> SpecialDay:
    return SpecialDay.objects.select_related("store", "tag").get(pk=key)


def _times_of(row: SpecialDay) -> Times:
    return Times(row.date, row.opens, row.closes, row.reason)


def _said(scope: Scope, times: Times) -> str:
    hours = "closed" if times.opens is None else f"{times.opens}-{times.closes}"
    return f"{scope} {times.date} {hours} {times.reason}".strip()


def _note(**detail: str) -> None:
    recording = current()
    if recording is not None:
        recording.add(detail)
