"""``manage.py reproduce``: the same bytes once more, or what has changed since."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from reports.management.report_argument import complete_report, report_id
from reports.request.kept import PollsGone
from reports.stamp.reproducing import Reproduced, reproduce

OTHER_BYTES = 3


class Command(BaseCommand):
    """Computes a report again; the exit code is 0 for the same bytes and 3 for others."""

    help = (
        "Compute a report again, by today's code from today's data, and say what changed since."
        " Ends with 0 if the bytes are the same, with 3 if not, with 1 if it cannot be computed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("report", type=report_id, metavar="REPORT", help="the report's id")
        parser.add_argument(
            "-o", "--output", type=Path, metavar="FILE", help="also write what it is today"
        )

    def handle(self, *_: Any, report: UUID, output: Path | None, **__: Any) -> None:
        """Print what was found; raises ``CommandError``, with a sentence for people."""
        found = complete_report(report, "only a complete one can be computed again")
        try:
            made = reproduce(found)
        except PollsGone as error:
            raise CommandError(f"It can no longer be computed. {error}") from error
        if output:
            _write(output, made.content)
        for line in _lines(made, found.sha256):
            self.stdout.write(line)
        if not made.is_same:
            sys.exit(OTHER_BYTES)


def _write(output: Path, content: bytes) -> None:
    try:
        output.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror}") from error


def _lines(made: Reproduced, sha256: str) -> list[str]:
    if made.is_same:
        first = [f"The same bytes, SHA-256 {sha256}."]
    else:
        first = ["Other bytes.", f"SHA-256 then: {sha256}", f"SHA-256 now:  {made.sha256}"]
    since = [f"- {change}" for change in made.changes]
    return [*first, *(["Since then:", *since] if since else []), *made.file]
