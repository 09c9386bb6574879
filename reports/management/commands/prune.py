"""``manage.py prune``: old polls, reports and records go."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from ingestion import retention as ingestion_retention
from reports import retention as report_retention

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
# What the rules look back by: 168 h of the longest window and 24 h of look-back, rounded up.
_LEAST = timedelta(days=9)


class Command(BaseCommand):
    """Shows what would go; removes it only when told to."""

    help = "Remove polls, reports and records of ingestions that are older than --keep."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the age, and whether it is meant."""
        parser.add_argument("--keep", type=age, required=True, help="such as 90d, 12w or 720h")
        parser.add_argument("--apply", action="store_true", help="remove it; without, only show it")

    def handle(self, *_: Any, keep: timedelta, apply: bool, **__: Any) -> None:
        """List what is old, and remove it if asked to."""
        before = timezone.now() - keep
        self.stdout.write(f"Older than {before:%Y-%m-%d %H:%M} UTC:")
        for item in chain(
            ingestion_retention.removable(before), report_retention.removable(before)
        ):
            size = f", {filesizeformat(item.size)}" if item.size is not None else ""
            self.stdout.write(f"  {item.count:>12,} {item.what}{size}")
        if apply:
            prune(before)
            self.stdout.write(self.style.SUCCESS("Removed."))
        else:
            self.stdout.write("Nothing was removed; add --apply to do it.")


def prune(before: datetime) -> None:
    """Remove everything that is older than an instant."""
    ingestion_retention.remove(before)
    report_retention.remove(before)


def age(text: str) -> timedelta:
    """Return the age that ``text`` says: a whole number of hours, days or weeks."""
    match = re.fullmatch(r"(\d{1,6})([hdw])", text)
    if match is None:
        raise ArgumentTypeError(f"{text!r} is no age; write it like 90d, 12w or 720h")
    keep = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if keep < _LEAST:
        raise ArgumentTypeError("reports look nine days back; keep at least 9d")
    return keep
