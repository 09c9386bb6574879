"""The files of a folder as a fleet."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feeds.declared import FEEDS
from feeds.errors import UnusableFile
from feeds.files.sources import from_folder, from_path
from feeds.headers import Limits
from feeds.naming import split_tags
from feeds.parsing import Batch, FeedReader, RejectedRow
from feeds.zones import known_time_zones
from ingestion.storing.diff import keep_last
from uptime import BusinessHours, Fleet, Polls, SpecialDays

_REJECTS_SHOWN = 5

Columns = dict[str, NDArray[Any]]

# Names are not in reports, but a store in that file alone is.
_COLUMNS = {
    "status": FEEDS["status"].dtypes,
    "hours": {**FEEDS["hours"].dtypes, "file": "int32"},
    "timezones": FEEDS["timezones"].dtypes,
    "special_days": {
        "store": "int32",
        "date": "int32",
        "opens": "int64",
        "closes": "int64",
        "file": "int32",
    },
    "stores": {"store": "int32", "tags": "object"},
}


class Feeds:
    """The rows of all files so far; stores are numbered in order of appearance.

    ``replaced``: the polls that a later row of the same instant replaced, known with the fleet.
    """

    def __init__(self) -> None:
        self.rejected: list[tuple[str, RejectedRow]] = []
        self.refused = 0
        self.rows = 0
        self.replaced: Polls | None = None
        self._numbers: dict[str, int] = {}
        self._batches: dict[str, list[Columns]] = {feed: [] for feed in _COLUMNS}

    def read(self, folder: Path, limits: Limits) -> None:
        """Read every file in a folder or archive.

        Raises ``UnusableFile`` for one that is not a feed. The first few rejected rows are kept,
        and ``refused`` counts all.
        """
        # An archive holds the files of a folder.
        sources = from_path(folder) if folder.is_file() else from_folder(folder)
        for number, source in enumerate(sources):
            with source.open() as stream:
                reader = FeedReader(stream, name=source.name, limits=limits)
                for batch in reader.batches():
                    self._take(reader.feed, number, batch)
                    self.refused += batch.refused
                    shown = batch.rejected[: _REJECTS_SHOWN - len(self.rejected)]
                    self.rejected += [(source.name, row) for row in shown]

    def _take(self, feed: str, file: int, batch: Batch) -> None:
        numbers = [self._numbers.setdefault(name, len(self._numbers)) for name in batch.store_ids]
        store = np.array(numbers, dtype=np.int32)[batch.store]
        self.rows += len(store)
        columns = {"store": store, "file": np.broadcast_to(np.int32(file), len(store))}
        self._batches[feed].append({**columns, **batch.columns})

    def fleet(self) -> Fleet:
        """Return the stores with a row in any file; the last row of each key wins.

        Raises ``UnusableFile`` if there is none.
        """
        if not self.rows:
            raise UnusableFile("These files have no valid row.")
        store_ids = sorted(self._numbers)
        place = np.empty(len(store_ids), dtype=np.int32)
        place[[self._numbers[store_id] for store_id in store_ids]] = np.arange(len(store_ids))
        columns = {feed: self._joined(feed, place) for feed in _COLUMNS}
        polls, hours, zones = columns["status"], columns["hours"], columns["timezones"]
        special = columns["special_days"]
        store_and_date = special["store"].astype(np.int64) << 32 | special["date"]
        polls, older = _last(polls, ("at", "store"), "status")
        zones, _ = _last(zones, ("store",), "time_zone")
        self.replaced = _polls(older)
        time_zones = np.full(len(store_ids), -1, dtype=np.int32)
        time_zones[zones["store"]] = zones["time_zone"]
        return Fleet(
            store_ids=store_ids,
            time_zones=time_zones,
            zone_names=known_time_zones(),
            hours=BusinessHours(**_newest(hours, hours["store"])),
            special_days=SpecialDays(**_newest(special, store_and_date)),
            polls=_polls(polls),
            tags=_tags(columns["stores"]),
        )

    def _joined(self, feed: str, place: NDArray[np.int32]) -> Columns:
        """Return all batches of a feed as one, with stores numbered by their place."""
        batches = self._batches.pop(feed)
        joined = {
            name: np.concatenate([np.empty(0, dtype), *(batch[name] for batch in batches)])
            for name, dtype in _COLUMNS[feed].items()
        }
        return {**joined, "store": place[joined["store"]]}


def _last(columns: Columns, key: tuple[str, ...], value: str) -> tuple[Columns, Columns]:
    """Return the last row of each key, and all others."""
    rows = keep_last([columns[name] for name in key], columns[value]).rows
    others = np.ones(len(columns[value]), dtype=bool)
    others[rows] = False
    last, older = (
        {name: column[which] for name, column in columns.items()} for which in (rows, others)
    )
    return last, older


def _polls(columns: Columns) -> Polls:
    return Polls(store=columns["store"], at=columns["at"], active=columns["status"] == 1)


def _newest(columns: Columns, key: NDArray[np.integer[Any]]) -> Columns:
    """Return each key's rows in the last file that has it: a file replaces earlier ones."""
    distinct, place = np.unique(key, return_inverse=True)
    newest = np.zeros(len(distinct), dtype=np.int32)
    np.maximum.at(newest, place, columns["file"])
    kept = columns["file"] == newest[place]
    return {name: column[kept] for name, column in columns.items() if name != "file"}


def _tags(stores: Columns) -> dict[str, NDArray[np.int64]]:
    """Return the stores of each tag; a store has those of its last row."""
    last = dict(zip(stores["store"].tolist(), stores["tags"].tolist(), strict=True))
    tagged = defaultdict(list)
    for store, text in sorted(last.items()):
        for tag in split_tags(text):
            tagged[tag].append(store)
    return {tag: np.array(places, dtype=np.int64) for tag, places in tagged.items()}
