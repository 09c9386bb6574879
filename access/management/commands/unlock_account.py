"""``manage.py unlock_account``: let an account log in again after too many failures."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access.audit import entries
from access.lockout.accounts import recorded_name
from access.lockout.failures import unlock
from access.models import LoginFailures


class Command(BaseCommand):
    """For the administrator who is locked out too."""

    help = "Unlock an account after too many failed log-ins, and show from where they came."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", help="the user name")

    def handle(self, *_: Any, account: str, **__: Any) -> None:
        rows = list(LoginFailures.objects.filter(account=recorded_name(account)))
        if not rows:
            raise CommandError(f"No log-in as {account!r} has failed within a day.")
        unlock(rows)
        entries.record_command("unlock_account", unlocked=account)
        for row in rows:
            self.stdout.write(f"{row.failures} failed from {row.place}")
        self.stdout.write(f"Unlocked {rows[0].account}.")
