"""``./run report DIR``: from the feeds' files to a report, without a database, a queue or Django.

The files go through the same parser, rules and printer as with a database, and the bytes are the
same.
"""

import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from feeds.errors import UnusableFile
from reports.build.cutting import joined, most_stores, pieces
from reports.kinds.known import KINDS
from reports.kinds.measured import Measured
from reports.offline.exclusions import read_exclusions
from reports.offline.explaining import ExplanationsDiffer, UnusableWindow, check, explanation
from reports.offline.options import Options, read_options
from reports.offline.reading import Feeds
from reports.offline.stamping import stamp
from reports.poller.printing import print_poller_outages
from uptime import (
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


class UnwritableFile(Exception):
    """An output that cannot be written; the text says which and why, for people."""


def report(fleet: Fleet, question: Question, kind: str = "uptime") -> Iterator[bytes]:
    """Yield the report's CSV. Raises what ``measured`` raises."""
    return measured(fleet, question, kind).printed()


def measured(fleet: Fleet, question: Question, kind: str) -> Measured:
    """Return the report's rows.

    Raises ``UnusableWindow`` for a window that is invalid as of that instant.
    """
    rows = KINDS[kind]
    parts = (rows.measure(part, question) for part in pieces(fleet, _most_stores(question)))
    first, *others = parts
    if others:
        first = rows.joined([part.table() for part in (first, *others)], question)
    return first


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
        if options.exclusions:
            excluded = read_exclusions(options.exclusions, fleet.store_ids)
            fleet = replace(fleet, exclusions=excluded)
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
    if options.stamp:
        # A stamp has the SHA-256 of what it is about.
        rows = measured(fleet, question, options.kind)
        content = b"".join(rows.printed())
        _write(options.stamp, stamp(fleet, question, options, content, rows.row_count))
        _write(options.output, iter([content]))
    else:
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
