"""``./run report DIR``: three files to a report, without a database, a queue or Django.

The files go through the same parser, the rows through the same rules, the numbers through the
same printer as on the way through the database, and the bytes are the same.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingestion.diff import keep_last
from ingestion.errors import UnusableFile
from ingestion.parsing import Batch, FeedReader, RejectedRow
from ingestion.sources import from_folder
from ingestion.zones import known_time_zones
from reports.instants import to_microseconds
from reports.uptime import BusinessHours, Fleet, Polls, classic_windows, print_report

NOTHING_USABLE = 1
SOME_REJECTED = 3
_REJECTS_SHOWN = 5

Columns = Mapping[str, NDArray[np.integer]]

_KINDS = {
    "status": {"store": np.int32, "at": np.int64, "status": np.int8},
    "hours": {"store": np.int32, "weekday": np.int8, "opens": np.int64, "closes": np.int64},
    "timezones": {"store": np.int32, "time_zone": np.int16},
}


class Feeds:
    """The rows of all files so far; stores are numbered in the order in which they came up."""

    def __init__(self) -> None:
        self.rejected: list[tuple[str, RejectedRow]] = []
        self.rows = 0
        self._numbers: dict[str, int] = {}
        self._batches: dict[str, list[Columns]] = {feed: [] for feed in _KINDS}

    def read(self, folder: Path) -> None:
        """Read every file in the folder. Raises ``UnusableFile`` for one that is no feed."""
        for source in from_folder(folder):
            with source.open() as stream:
                reader = FeedReader(stream, name=source.name)
                for batch in reader.batches():
                    self._take(reader.feed, batch)
                    self.rejected += [(source.name, row) for row in batch.rejected]

    def _take(self, feed: str, batch: Batch) -> None:
        numbers = [self._numbers.setdefault(name, len(self._numbers)) for name in batch.store_ids]
        store = np.array(numbers, dtype=np.int32)[batch.store]
        self.rows += len(store)
        self._batches[feed].append({"store": store, **batch.columns})

    def fleet(self) -> Fleet:
        """Return the stores with a row in any file, with what the last row of each key says."""
        store_ids = sorted(self._numbers)
        place = np.empty(len(store_ids), dtype=np.int32)
        place[[self._numbers[store_id] for store_id in store_ids]] = np.arange(len(store_ids))
        columns = {feed: self._joined(feed, place) for feed in _KINDS}
        polls, hours, zones = columns["status"], columns["hours"], columns["timezones"]
        polls = _last(polls, ("at", "store"), "status")
        zones = _last(zones, ("store",), "time_zone")
        time_zones = np.full(len(store_ids), -1, dtype=np.int32)
        time_zones[zones["store"]] = zones["time_zone"]
        return Fleet(
            store_ids=store_ids,
            time_zones=time_zones,
            zone_names=known_time_zones(),
            hours=BusinessHours(**hours),
            polls=Polls(store=polls["store"], at=polls["at"], active=polls["status"] == 1),
        )

    def _joined(self, feed: str, place: NDArray[np.int32]) -> dict[str, NDArray[np.integer]]:
        """Return all batches of a feed as one, with stores numbered by their place."""
        batches = self._batches.pop(feed)
        joined = {
            name: np.concatenate([np.empty(0, kind), *(batch[name] for batch in batches)])
            for name, kind in _KINDS[feed].items()
        }
        return {**joined, "store": place[joined["store"]]}


def _last(columns: Columns, key: tuple[str, ...], value: str) -> Columns:
    """Return the last row of each key."""
    rows = keep_last([columns[name] for name in key], columns[value]).rows
    return {name: column[rows] for name, column in columns.items()}


def report(fleet: Fleet, as_of: datetime | None) -> Iterator[bytes]:
    """Yield the report's CSV; ``as_of`` None means the newest poll.

    Raises ``UnusableFile`` if there is no poll to take the instant from.
    """
    if as_of is None and not len(fleet.polls.at):
        raise UnusableFile("There is no poll in these files; say as of when by --as-of.")
    instant = int(fleet.polls.at.max()) if as_of is None else to_microseconds(as_of)
    summary = fleet.summarise(as_of=instant, windows=classic_windows(instant))
    return print_report(fleet.store_ids, summary)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the report and return the exit code, the same as those of ``manage.py ingest``."""
    options = _options(arguments)
    feeds = Feeds()
    try:
        feeds.read(options.folder)
        pieces = report(feeds.fleet(), options.as_of)
    except UnusableFile as error:
        return _say(str(error), NOTHING_USABLE)
    if not feeds.rows:
        return _say(f"{options.folder}: no row can be used.", NOTHING_USABLE)
    if options.output is None:
        sys.stdout.buffer.writelines(pieces)
    else:
        _write(options.output, pieces)
    for name, row in feeds.rejected[:_REJECTS_SHOWN]:
        _say(f"{name}: line {row.line}, {row.field} {row.value!r}: {row.reason}", 0)
    if feeds.rejected:
        return _say(f"{len(feeds.rejected)} rows were rejected.", SOME_REJECTED)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run report", description="The uptime report of the three CSV files in a folder."
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the files are")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="default: standard output"
    )
    parser.add_argument(
        "--as-of",
        type=_instant,
        metavar="T",
        help="an instant such as 2024-01-31T12:00:00Z; default: the newest poll",
    )
    return parser.parse_args(arguments)


def _instant(text: str) -> datetime:
    """Return the aware instant that ``text`` says in ISO 8601; without an offset it is UTC."""
    instant = datetime.fromisoformat(text.removesuffix(" UTC"))
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    """Write the file beside its place and rename it, so that no part of it is ever seen."""
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as file:
        file.writelines(pieces)
    beside.replace(path)


def _say(text: str, code: int) -> int:
    """Write a line for people and return the exit code that goes with it."""
    sys.stderr.write(f"{text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
