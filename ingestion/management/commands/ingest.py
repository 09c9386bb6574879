"""``manage.py ingest``: CSV feeds into the database."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access.audit.entries import record_command
from backoffice.formatting import stored_at
from feeds.errors import UnusableFile
from feeds.files.sources import Source, from_folder, from_path, from_stream
from ingestion import services
from ingestion.models import Feed, Ingestion
from ingestion.outcomes import describe, describe_removed
from ingestion.progress import ProgressBar
from ingestion.queue.turns import wait_for_turn
from ingestion.tasks import announce_next

SOME_REJECTED = 3
NOTHING_USABLE = 1


class Command(BaseCommand):
    """Each file is stored whole or not at all; one that fails does not stop the others.

    Exit code 0: every row stored. 3: some rows or files were rejected. 1: nothing usable.
    """

    help = "Ingest CSV feeds: .csv, .csv.gz, .csv.zst or .zip; '-' reads standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept a folder or files, or one file per feed with its option."""
        parser.add_argument(
            "paths",
            nargs="*",
            metavar="PATH",
            help="a folder, or files; their headers decide the feed",
        )
        for feed in Feed:
            parser.add_argument(
                f"--{feed.value}",
                action="append",
                default=[],
                metavar="FILE",
                help=f"a file that must contain {feed.label}",
            )
        sample = parser.add_mutually_exclusive_group()
        sample.add_argument(
            "--keep-sample",
            action="store_true",
            help="keep the sample as ordinary stores, instead of replacing it with real data",
        )
        sample.add_argument(
            "--sample",
            action="store_true",
            help="the files are a sample, which the first real data replace",
        )
        parser.add_argument("--requested-by", default="command line", help="the name in the record")

    def handle(self, *_: Any, **options: Any) -> None:
        """Ingest the files one after another."""
        ingested: list[Ingestion] = []
        failed = 0
        for place, feed in _places(options):
            try:
                sources = _sources(place)
            except UnusableFile as error:
                failed += 1
                self.stderr.write(self.style.ERROR(str(error)))
                continue
            for source in sources:
                record = self._ingest(source, feed, options)
                ingested += [record] if record else []
                failed += record is None
        _leave_record(ingested, failed)
        self._exit(ingested, failed)

    def _ingest(
        self, source: Source, feed: str | None, options: dict[str, Any]
    ) -> Ingestion | None:
        """Ingest one file and print the outcome."""
        started = time.perf_counter()
        try:
            with ProgressBar(sys.stderr, source.name) as bar:
                record = services.ingest(
                    source,
                    requested_by=options["requested_by"],
                    feed=feed,
                    is_sample=options["sample"],
                    keep_sample=options["keep_sample"],
                    on_progress=bar.show,
                    before_rows=self._wait_for_turn,
                )
        except UnusableFile as error:
            self.stderr.write(self.style.ERROR(str(error)))
            return None
        announce_next(record.pk)
        seconds = time.perf_counter() - started
        rate = record.rows_read / seconds
        self.stdout.write(f"{describe(record)} in {seconds:.1f} s, {rate:,.0f} rows/s")
        if record.sample_stores_removed:
            self.stdout.write(describe_removed(record))
        if record.rejects:
            self.stderr.write(
                self.style.WARNING(
                    f"{source.name}: {record.rows_rejected} rows rejected,"
                    f" see {stored_at(record.rejects)}"
                )
            )
        return record

    def _wait_for_turn(self, record: Ingestion) -> None:
        wait_for_turn(record, lambda text: self.stderr.write(self.style.WARNING(text)))

    def _exit(self, ingested: list[Ingestion], failed: int) -> None:
        if not ingested:
            raise CommandError("Nothing was ingested.", returncode=NOTHING_USABLE)
        if failed or any(record.rows_rejected for record in ingested):
            sys.exit(SOME_REJECTED)


def _places(options: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Return each path with its required feed, data about stores before polls."""
    named = [
        (path, feed.value)
        for feed in (
            *(Feed.STORES, Feed.TIMEZONES, Feed.HOURS, Feed.SPECIAL_DAYS),
            Feed.STATUS,
        )
        for path in options[feed.value]
    ]
    places = [*((path, None) for path in options["paths"]), *named]
    if not places:
        raise CommandError("Name a folder or files to ingest.", returncode=NOTHING_USABLE)
    return places


def _leave_record(ingested: list[Ingestion], failed: int) -> None:
    if ingested:
        record_command(
            "ingest",
            ingestions=[record.pk for record in ingested],
            names=[record.name for record in ingested],
            failed=failed,
        )


def _sources(place: str) -> list[Source]:
    """Return the files at a path given on the command line."""
    if place == "-":
        return from_stream(sys.stdin.buffer, "standard input")
    path = Path(place)
    return from_folder(path) if path.is_dir() else from_path(path)
