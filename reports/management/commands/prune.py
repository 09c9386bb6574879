"""``manage.py prune``: remove old polls, reports and records."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.template.defaultfilters import filesizeformat

from access.audit.entries import record_command
from fleet.extent import latest_poll, note_restored
from fleet.polls import retention as poll_retention
from jobs import clock
from reports import ages
from reports import retention as report_retention


class Command(BaseCommand):
    """Shows what would be removed, and removes it with --apply."""

    help = "Remove polls, reports and records of ingestions that are older than --keep."

    def add_arguments(self, parser: ArgumentParser) -> None:
        either = parser.add_mutually_exclusive_group(required=True)
        either.add_argument("--keep", type=_age, help="such as 90d, 12w or 720h")
        either.add_argument(
            "--restored",
            action="store_true",
            help="remove nothing; confirm that all removed polls have been ingested again",
        )
        either.add_argument(
            "--orphans",
            action="store_true",
            help="only files that no row refers to, and that are a day old",
        )
        either.add_argument(
            "--ahead",
            action="store_true",
            help="only polls that are dated more than POLL_MAX_AHEAD_HOURS ahead",
        )
        parser.add_argument(
            "--apply", action="store_true", help="remove the data; without this, only show it"
        )

    def handle(
        self,
        *_: Any,
        keep: timedelta | None,
        restored: bool,
        orphans: bool,
        ahead: bool,
        apply: bool,
        **__: Any,
    ) -> None:
        if keep:
            self._prune(keep, apply=apply)
        elif orphans:
            self._prune_orphans(apply=apply)
        elif ahead:
            self._prune_ahead(apply=apply)
        elif restored:
            note_restored()
            record_command("prune", restored=True)
            self.stdout.write(self.style.SUCCESS("All polls now count as present."))

    def _prune(self, keep: timedelta, *, apply: bool) -> None:
        before = clock.now() - keep
        self.stdout.write(f"Older than {before:%Y-%m-%d %H:%M} UTC:")
        for item in report_retention.removable_in_all(before):
            size = f", {filesizeformat(item.size)}" if item.size is not None else ""
            self.stdout.write(f"  {item.count:>12,} {item.what}{size}")
        if apply:
            report_retention.remove_all(before)
            record_command("prune", before=before)
            self.stdout.write(self.style.SUCCESS("Removed."))
        else:
            self.stdout.write("Nothing was removed. Add --apply to remove it.")

    def _prune_orphans(self, *, apply: bool) -> None:
        names = report_retention.orphans(report_retention.orphaned_before())
        self.stdout.writelines(f"  {name}" for name in names)
        if apply:
            report_retention.remove_orphans()
            record_command("prune", orphans=len(names))
            self.stdout.write(self.style.SUCCESS("Removed."))
        else:
            self.stdout.write("Nothing was removed. Add --apply to remove them.")

    def _prune_ahead(self, *, apply: bool) -> None:
        latest = latest_poll()
        count = poll_retention.count_after(latest)
        self.stdout.write(f"{count:,} polls after {latest:%Y-%m-%d %H:%M} UTC.")
        if apply:
            poll_retention.remove_after(latest)
            record_command("prune", after=latest)
            self.stdout.write(self.style.SUCCESS("Removed."))
        else:
            self.stdout.write("Nothing was removed. Add --apply to remove them.")


def _age(text: str) -> timedelta:
    try:
        return ages.age(text, look_back=settings.UPTIME_LOOK_BACK)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
