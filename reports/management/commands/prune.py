"""``manage.py prune``: old polls, reports and records go."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from access.audit import record_command
from reports import ages
from reports import retention as report_retention


class Command(BaseCommand):
    """Shows what would go; removes it only when told to."""

    help = "Remove polls, reports and records of ingestions that are older than --keep."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the age, and whether it is meant."""
        parser.add_argument("--keep", type=_age, required=True, help="such as 90d, 12w or 720h")
        parser.add_argument("--apply", action="store_true", help="remove it; without, only show it")

    def handle(self, *_: Any, keep: timedelta, apply: bool, **__: Any) -> None:
        """List what is old, and remove it if asked to."""
        before = timezone.now() - keep
        self.stdout.write(f"Older than {before:%Y-%m-%d %H:%M} UTC:")
        for item in report_retention.removable_in_all(before):
            size = f", {filesizeformat(item.size)}" if item.size is not None else ""
            self.stdout.write(f"  {item.count:>12,} {item.what}{size}")
        if apply:
            report_retention.remove_all(before)
            record_command("prune", before=before)
            self.stdout.write(self.style.SUCCESS("Removed."))
        else:
            self.stdout.write("Nothing was removed; add --apply to do it.")


def _age(text: str) -> timedelta:
    try:
        return ages.age(text, look_back=settings.UPTIME_LOOK_BACK)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
