"""``./run report DIR``: from the feeds' files to a report, without a database, a queue or Django.

The files go through the same parser, rules and printer as with a database, and the bytes are the
same.
"""

import signal
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
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
from reports.build.cutting import joined, most_stores, pieces
from reports.kinds.known import KINDS
from reports.offline.explaining import ExplanationsDiffer, UnusableWindow, check, explanation
from reports.offline.options import Options, read_options
from reports.poller.printing import print_poller_outages
from uptime import (
    BusinessHours,
    Fleet,
    Polls,
    Question,
    UptimeSummary,
    summarise,
)
from uptime.poller import sightings
from uptime.poller.finding import sightings_of, silences_of
from uptime.poller.outages import PollerOutage, find_poller_outages

NOTHING_USABLE = 1
SOME_REJECTED = 3
_REJECTS_SHOWN = 5

Columns = dict[str, NDArray[Any]]

# Names are not in reports, but a store in that file alone is.
_COLUMNS = {
    "status": FEEDS["status"].dtypes,
    "hours": {**FEEDS["hours"].dtypes, "file": "int32"},
    "timezones": FEEDS["timezones"].dtypes,
    "stores": {"store": "int32", "tags": "object"},
}


NO_POLLS = Polls(
    store=np.empty(0, np.int32), at=np.empty(0, np.int64), active=np.empty(0, np.bool_)
)


class UnwritableFile(Exception):
    """An output that cannot be written; the text says which and why, for people."""


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
        """Read every file in a folder or archive. Raises ``UnusableFile`` for one that is no feed.

        The first few rejected rows are kept, and ``refused`` counts all.
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
        polls, older = _last(polls, ("at", "store"), "status")
        zones, _ = _last(zones, ("store",), "time_zone")
        self.replaced = _polls(older)
        time_zones = np.full(len(store_ids), -1, dtype=np.int32)
        time_zones[zones["store"]] = zones["time_zone"]
        return Fleet(
            store_ids=store_ids,
            time_zones=time_zones,
            zone_names=known_time_zones(),
            hours=BusinessHours(**_newest(hours)),
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


def _newest(hours: Columns) -> Columns:
    """Return each store's rows in the last file that has it: a file replaces earlier hours."""
    newest = np.zeros(int(hours["store"].max(initial=-1)) + 1, dtype=np.int32)
    np.maximum.at(newest, hours["store"], hours["file"])
    kept = hours["file"] == newest[hours["store"]]
    return {name: column[kept] for name, column in hours.items() if name != "file"}


def _tags(stores: Columns) -> dict[str, NDArray[np.int64]]:
    """Return the stores of each tag; a store has those of its last row."""
    last = dict(zip(stores["store"].tolist(), stores["tags"].tolist(), strict=True))
    tagged = defaultdict(list)
    for store, text in sorted(last.items()):
        for tag in split_tags(text):
            tagged[tag].append(store)
    return {tag: np.array(places, dtype=np.int64) for tag, places in tagged.items()}


def report(fleet: Fleet, question: Question, kind: str = "uptime") -> Iterator[bytes]:
    """Yield the report's CSV.

    Raises ``UnusableWindow`` for a window that is invalid as of that instant.
    """
    rows = KINDS[kind]
    parts = (rows.measure(part, question) for part in pieces(fleet, _most_stores(question)))
    first, *others = parts
    if others:
        first = rows.joined([part.table() for part in (first, *others)], question)
    return first.printed()


def _summary(fleet: Fleet, question: Question) -> UptimeSummary:
    parts = pieces(fleet, _most_stores(question))
    return joined([summarise(part, question) for part in parts])


def poller_outages(fleet: Fleet, question: Question) -> list[PollerOutage]:
    """Return the poller's outages in the polls that the report may use (rule 18).

    Raises ``UnusableWindow`` for a window that is invalid as of that instant.
    """
    parts = pieces(fleet, _most_stores(question))
    start, end = question.first_poll, question.as_of
    seen = sightings.joined([sightings_of(part, start, end) for part in parts])
    return find_poller_outages(seen, question.as_of)


def _most_stores(question: Question) -> int:
    try:
        return most_stores(question.as_of - question.first_poll)
    except ValueError as error:
        raise UnusableWindow(str(error)) from error


def newest_poll(fleet: Fleet) -> int:
    """Return the instant of the newest poll. Raises ``UnusableFile`` without polls."""
    if not len(fleet.polls.at):
        raise UnusableFile("There is no poll in these files; give an instant with --as-of.")
    return int(fleet.polls.at.max())


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the report and return the exit code, with the meanings of ``manage.py ingest``."""
    options = read_options(arguments)
    feeds = Feeds()
    try:
        feeds.read(options.folder, options.limits)
        _say_rejected(feeds)
        fleet = feeds.fleet()
        as_of = newest_poll(fleet) if options.as_of is None else options.as_of
        _answer(fleet, feeds.replaced, options, as_of)
    except (UnusableFile, UnusableWindow, UnwritableFile, ExplanationsDiffer) as error:
        return _say(str(error), NOTHING_USABLE)
    return SOME_REJECTED if feeds.refused else 0


def _answer(fleet: Fleet, replaced: Polls | None, options: Options, as_of: int) -> None:
    question = options.question(as_of)
    if options.poller_outages or options.are_unknown:
        outages = poller_outages(fleet, question)
        if options.poller_outages:
            _write(options.poller_outages, print_poller_outages(outages))
        if options.are_unknown:
            fleet = replace(fleet, silences=silences_of(fleet, outages))
    _write(options.output, _asked(fleet, replaced, options, question))


def _asked(
    fleet: Fleet, replaced: Polls | None, options: Options, question: Question
) -> Iterator[bytes]:
    """Yield what the options ask for: the report, or explanations of it."""
    if options.explained:
        return explanation(fleet, question, replaced, options.explained)
    if options.checks_explanations:
        return check(fleet, question, _summary(fleet, question))
    return report(fleet, question, options.kind)


def _write(path: Path | None, pieces: Iterator[bytes]) -> None:
    """Write to standard output or to a file; raises ``UnwritableFile``."""
    try:
        _write_pieces(path, pieces)
    except OSError as error:
        name = path or "standard output"
        raise UnwritableFile(f"{name} cannot be written: {error.strerror}") from error


def _write_pieces(path: Path | None, pieces: Iterator[bytes]) -> None:
    """Write to standard output, or to another name and rename, so no partial file appears."""
    if path is None:
        sys.stdout.buffer.writelines(pieces)
        return
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            file.writelines(pieces)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _say_rejected(feeds: Feeds) -> None:
    for name, row in feeds.rejected:
        _say(f"{name}: line {row.line}, {row.field} {row.value!r}: {row.reason}", 0)
    if feeds.refused:
        _say(f"{feeds.refused} rows were rejected.", SOME_REJECTED)


def _say(text: str, code: int) -> int:
    """Write a line for people and return the given exit code."""
    sys.stderr.write(f"{text}\n")
    return code


if __name__ == "__main__":
    # If the reader of a pipe stops early, such as head, end quietly.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
