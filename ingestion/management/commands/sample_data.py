"""``manage.py sample_data``: made-up files for trying out the product."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from feeds.values import EARLIEST, BadValue, instant
from sample_data.fleet import DAY, FILES, HOUR, SECOND, Sample


class Command(BaseCommand):
    """Writes the four feeds; the same arguments give the same bytes on every machine.

    Without ``--until`` they end at the current hour, and move along with it.
    """

    help = f"Write made-up {', '.join(FILES)} into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the size and the seed of the fleet."""
        parser.add_argument("folder", type=Path, help="created if it does not exist")
        parser.add_argument("--stores", type=int, default=1000)
        parser.add_argument("--days", type=int, default=8, help="days of polls before the end")
        parser.add_argument("--seed", type=int, default=1, help="each seed gives another fleet")
        parser.add_argument(
            "--until", metavar="T", help="instant of the newest poll; default: the current hour"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Write the files, overwriting only earlier ones of the same names."""
        folder: Path = options["folder"]
        sample = _sample(options)
        _refuse_foreign_files(folder)
        folder.mkdir(parents=True, exist_ok=True)
        sample.write(folder)
        self.stdout.write(f"{folder}: {', '.join(FILES)}, {sample.stores} stores")


def _sample(options: dict[str, Any]) -> Sample:
    if options["stores"] < 1 or options["days"] < 1:
        raise CommandError("--stores and --days must be at least 1")
    end = _end(options["until"])
    if end - options["days"] * DAY < EARLIEST:
        raise CommandError("--days reach back beyond the year 2000")
    return Sample(options["stores"], options["days"], options["seed"], end)


def _end(until: str | None) -> int:
    """Return the instant of the newest poll in microseconds of UTC."""
    if until is None:
        return int(timezone.now().timestamp()) * SECOND // HOUR * HOUR
    try:
        return instant(until)
    except BadValue as error:
        raise CommandError(f"--until {until} {error}") from error


def _refuse_foreign_files(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder} is not a folder")
    foreign = [path.name for path in folder.glob("*") if path.name not in FILES]
    if foreign:
        raise CommandError(f"{folder} contains other files ({min(foreign)}): use an empty folder")
