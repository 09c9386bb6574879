"""A fingerprint of the data that a report read, whichever way they were read.

Each row is hashed to 64 bits with the id of its store, and the hashes are added up. So neither the
order of rows, the numbers of stores nor the parts that a report is computed in make a difference,
and the fingerprints of parts add up to that of the whole. It tells accidental changes, of which one
in 2^64 goes unnoticed. It does not protect from forgery: rows can be made up to reach a sum.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uptime import Fleet, Question
from uptime.windows.elapsed import DAY

# Raised when equal data get another fingerprint than before.
METHOD = 1
# The last days of polls are told apart; all before them are one.
MOST_DAYS = 40
OLDER = "older"

Hashes = NDArray[np.uint64]
Column = NDArray[Any]

# Few enough for the processor's cache.
_ROWS_AT_ONCE = 1 << 15
# Special days so far from what a question reads may matter: zones, and openings past midnight.
_DAYS_AROUND = 2
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Rows of one kind: the number of each row's store, and whole numbers in columns."""

    store: Column
    columns: Sequence[Column]

    def only(self, which: NDArray[np.bool_]) -> "_Rows":
        return _Rows(store=self.store[which], columns=[column[which] for column in self.columns])


def data_read(fleet: Fleet, question: Question, *, tagged: bool = False) -> dict[str, Any]:
    """Return the fingerprint of what a question reads of a fleet, ready for JSON.

    ``tagged``: whether the answer depends on the tags of stores.
    Polls are those from the first to the last that the question may use. Their days are of UTC.
    """
    ids = _hashes_of_texts(fleet.store_ids)
    kinds = {kind: _digest(ids, rows) for kind, rows in _kinds(fleet, question).items()}
    if tagged:
        kinds["tags"] = _digest(ids, _tags(fleet))
    kinds["polls"] = _digest_of_polls(ids, fleet, question)
    return _sealed(kinds)


def joined(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the fingerprint of the data of all parts, at least one, of a report."""
    kinds = {kind for part in parts for kind in kinds_of(part)}
    return _sealed({kind: _added([part[kind] for part in parts if kind in part]) for kind in kinds})


def kinds_of(read: Mapping[str, Any]) -> list[str]:
    """Return the kinds of rows in a fingerprint."""
    return [kind for kind, value in read.items() if isinstance(value, Mapping)]


def _kinds(fleet: Fleet, question: Question) -> dict[str, _Rows]:
    """Return the rows of each kind but polls; equal rows count once."""
    hours, silences, days = fleet.hours, fleet.silences, fleet.special_days
    zones = _hashes_of_texts(["", *fleet.zone_names])[fleet.time_zones + 1]
    return {
        "stores": _Rows(store=np.arange(len(fleet.store_ids)), columns=[zones]),
        "business_hours": _Rows(
            store=hours.store, columns=[hours.weekday, hours.opens, hours.closes]
        ),
        "special_days": _Rows(store=days.store, columns=[days.date, days.opens, days.closes]).only(
            (days.date >= question.first_poll // DAY - _DAYS_AROUND)
            & (days.date <= question.as_of // DAY + _DAYS_AROUND)
        ),
        "exclusions": _excluded(fleet, question),
        "silences": _Rows(store=silences.store, columns=[silences.start, silences.end]),
    }


def _excluded(fleet: Fleet, question: Question) -> _Rows:
    """Return the excluded time of each store, merged: a rule and its occurrences are the same."""
    horizon = fleet.horizon(question)
    merged = fleet.exclusions.clock(horizon)
    store, start = np.divmod(merged.starts, horizon.span)
    start += horizon.start
    return _Rows(store=store, columns=[start, start + merged.ends - merged.starts])


def _tags(fleet: Fleet) -> _Rows:
    members = list(fleet.tags.values())
    names = np.repeat(_hashes_of_texts(list(fleet.tags)), [len(stores) for stores in members])
    return _Rows(store=np.concatenate([np.empty(0, np.int64), *members]), columns=[names])


def _digest(ids: Hashes, rows: _Rows) -> dict[str, Any]:
    hashes = _row_hashes(ids[rows.store], rows.columns)
    # np.unique takes thirty times as long.
    hashes.sort()
    once = np.concatenate([hashes[:1], hashes[1:][hashes[1:] != hashes[:-1]]])
    return _told(len(once), _total(once))


def _digest_of_polls(ids: Hashes, fleet: Fleet, question: Question) -> dict[str, Any]:
    """Return the fingerprint of the polls that the question may use, by day of UTC."""
    last_day = question.as_of // DAY
    oldest = max(question.first_poll // DAY, last_day - MOST_DAYS)
    rows = np.zeros(last_day - oldest + 1, dtype=np.int64)
    sums = np.zeros(len(rows), dtype=np.uint64)
    for store, at, active in _polls_read(fleet, question):
        days = np.maximum(at // DAY - oldest, 0)
        rows += np.bincount(days, minlength=len(rows))
        np.add.at(sums, days, _row_hashes(ids[store], [at, active]))
    names = [str(_EPOCH + timedelta(days=oldest + number)) for number in range(len(rows))]
    if last_day - MOST_DAYS == oldest:
        names[0] = OLDER
    days_told = {
        name: _told(count, total)
        for name, count, total in zip(names, rows.tolist(), sums.tolist(), strict=True)
        if count
    }
    return {**_told(int(rows.sum()), _total(sums)), "days": days_told}


def _polls_read(fleet: Fleet, question: Question) -> Iterator[tuple[Column, Column, Column]]:
    polls = fleet.polls
    for first in range(0, len(polls.at), _ROWS_AT_ONCE):
        some = slice(first, first + _ROWS_AT_ONCE)
        store, at, active = polls.store[some], polls.at[some], polls.active[some]
        read = (at >= question.first_poll) & (at <= question.as_of)
        yield (store, at, active) if read.all() else (store[read], at[read], active[read])


def _row_hashes(of_stores: Hashes, columns: Sequence[Column]) -> Hashes:
    """Return uint64[rows]: the store's hash and a multiple of each column, added and mixed.

    ``of_stores`` is changed. The mixing is the last step of the generator SplitMix64.
    """
    mixed = of_stores
    for column, factor in zip(columns, _FACTORS, strict=False):
        mixed += column.astype(np.uint64) * factor
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _hashes_of_texts(texts: Sequence[str]) -> Hashes:
    """Return the first 64 bits of each text's SHA-256."""
    digests = b"".join(hashlib.sha256(text.encode()).digest()[:8] for text in texts)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


# Odd and unrelated, so that no small differences of two columns cancel out.
_FACTORS = _hashes_of_texts([f"column {number}" for number in range(8)]) | np.uint64(1)


def _total(hashes: Hashes) -> int:
    return int(hashes.sum(dtype=np.uint64))


def _told(rows: int, total: int) -> dict[str, Any]:
    return {"rows": rows, "digest": f"{total % (1 << 64):016x}"}


def _added(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    total = sum(int(part["digest"], 16) for part in parts)
    added = _told(sum(part["rows"] for part in parts), total)
    by_day: list[Mapping[str, Any]] = [part["days"] for part in parts if "days" in part]
    if by_day:
        names = sorted({name for days in by_day for name in days}, key=_in_time)
        added["days"] = {
            name: _added([days[name] for days in by_day if name in days]) for name in names
        }
    return added


def _in_time(day: str) -> str:
    return "" if day == OLDER else day


def _sealed(kinds: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kinds with one SHA-256 of all; kinds without rows do not change it."""
    said = {kind: told["digest"] for kind, told in kinds.items() if told["rows"]}
    whole = json.dumps([METHOD, said], sort_keys=True).encode()
    return {
        "method": METHOD,
        "sha256": hashlib.sha256(whole).hexdigest(),
        **{kind: kinds[kind] for kind in sorted(kinds)},
    }
