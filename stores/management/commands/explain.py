"""``manage.py explain``: why the numbers of a store are what they are."""

import json
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fleet.extent import newest_poll
from fleet.models import Store
from reports.offline import arguments
from reports.request.kept import check_kept
from reports.request.parameters import question
from reports.request.requesting import NoPolls
from stores.explaining import explanation_of
from stores.history import Gone
from uptime import DEFAULT_WINDOWS, Question, WindowSpec, parse_windows
from uptime.explain.choosing import windows_and_place
from uptime.explain.text import explanation_text
from uptime.explain.told import told_explanation


class Command(BaseCommand):
    """Writes what the API and the store's page say too."""

    help = "Explain the numbers of one store: its openings, polls, spans and sums."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("store", metavar="STORE", help="the store's id")
        parser.add_argument(
            "--window",
            type=arguments.window,
            help="the window to explain, such as 24h; default: the last of the report's windows",
        )
        parser.add_argument(
            "--windows",
            type=arguments.windows,
            metavar="LIST",
            help="the report's windows; default: " + ",".join(DEFAULT_WINDOWS),
        )
        parser.add_argument(
            "--as-of",
            type=arguments.instant,
            metavar="T",
            help="an instant such as 2024-01-31T12:00:00Z; default: the newest poll",
        )
        parser.add_argument(
            "--max-gap",
            type=arguments.length,
            metavar="LENGTH",
            help="time further than this from the nearest poll is unknown, e.g. 2h",
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="JSON instead of text"
        )

    def handle(self, *_: Any, store: str, as_json: bool, **asked: Any) -> None:
        """Explain the store; raises ``CommandError``, with a sentence for people."""
        found = Store.objects.filter(store_id=store).first()
        if found is None:
            raise CommandError(f"There is no store {store!r}.")
        try:
            wanted, place = _question(**asked)
            explanation = explanation_of(found, wanted)
        except Gone as error:
            raise CommandError(f"Store {store!r} was deleted meanwhile.") from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        if as_json:
            self.stdout.write(json.dumps(told_explanation(explanation, place), indent=2))
            return
        for line in explanation_text(explanation, place):
            self.stdout.write(line)


def _question(
    *,
    window: WindowSpec | None,
    windows: tuple[WindowSpec, ...] | None,
    as_of: datetime | None,
    max_gap: int | None,
    **_: Any,
) -> tuple[Question, int]:
    """Return the report's question, and the place of the window to explain in it."""
    at = as_of or newest_poll()
    if at is None:
        raise CommandError(str(NoPolls()))
    chosen, place = windows_and_place(parse_windows(DEFAULT_WINDOWS), windows, window)
    gap = None if max_gap is None else timedelta(microseconds=max_gap)
    wanted = question(as_of=at, windows=chosen, max_gap=gap, full=False)
    check_kept(wanted)
    return wanted, place
