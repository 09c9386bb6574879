"""``manage.py dispute_pack``: a report's rows of some stores, with all that is behind them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from api.errors.problems import Problem
from reports.dispute.pack import DataDiffers, pack_of
from reports.management.report_argument import complete_report, report_id


class Command(BaseCommand):
    """Writes an archive that another party can compute the numbers from."""

    help = "Write a .zip with the rows of a report, and the polls, hours and zones behind them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("report", type=report_id, metavar="REPORT", help="the report's id")
        parser.add_argument(
            "--stores", default="", metavar="A,B", help="ids of stores, separated by commas"
        )
        parser.add_argument(
            "--store",
            action="append",
            default=[],
            metavar="ID",
            help="the id of a store, which may have a comma; may be given several times",
        )
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")

    def handle(
        self, *_: Any, report: UUID, stores: str, store: list[str], output: Path, **__: Any
    ) -> None:
        """Write the pack; raises ``CommandError``, with a sentence for people."""
        found = complete_report(report, "a pack needs a complete one")
        wanted = [*filter(None, stores.split(",")), *store]
        try:
            content = pack_of(found, wanted)
            output.write_bytes(content)
        except (ValueError, DataDiffers, Problem) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}") from error
        self.stdout.write(self.style.SUCCESS(f"{output}: {len(content):,} bytes"))
