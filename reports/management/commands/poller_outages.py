"""``manage.py poller_outages``: when nobody polled, as CSV."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime

from api.serializers import EARLIEST, LATEST
from fleet.extent import newest_poll
from jobs import clock
from reports.poller.printing import print_poller_outages
from reports.poller.search import as_told, outages_between, searched
from reports.request.kept import PollsGone
from reports.request.requesting import NoPolls

_USUAL = timedelta(days=7)


class Command(BaseCommand):
    """The CSV goes to standard output."""

    help = "Print when nobody polled the fleet, a time zone or a tag, oldest first, as CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from",
            dest="start",
            type=_instant,
            help="such as 2024-01-31T12:00:00Z; default: 7 days before the newest poll",
        )
        parser.add_argument("--to", dest="end", type=_instant, help="default: now")

    def handle(self, *_: Any, start: datetime | None, end: datetime | None, **__: Any) -> None:
        newest = newest_poll()
        if newest is None:
            raise CommandError(str(NoPolls()))
        until = end or max(clock.now(), newest)
        since = start or min(until, newest) - _USUAL
        if since >= until:
            raise CommandError(f"--from must be before the end, {until:%Y-%m-%dT%H:%M:%SZ}.")
        try:
            found = outages_between(searched(since, newest), since, until, clock.now())
        except PollsGone as error:
            raise CommandError(str(error)) from error
        for piece in print_poller_outages(as_told(reversed(found))):
            self.stdout.write(piece.decode(), ending="")


def _instant(text: str) -> datetime:
    """Return the instant. Raises ``ValueError``, which argparse tells."""
    instant = parse_datetime(text)
    if instant is None or instant.tzinfo is None or not EARLIEST <= instant < LATEST:
        raise ValueError(text)
    return instant


_instant.__name__ = "instant with an offset from UTC"
