"""``manage.py revoke_token``: revoke a token."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access import tokens
from access.audit import entries
from access.models import Token


class Command(BaseCommand):
    """Takes effect with the next request."""

    help = "Revoke a token at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("token", help="its name, or the digits after sm_")

    def handle(self, *_: Any, token: str, **__: Any) -> None:
        alive = Token.objects.filter(revoked_at=None)
        found = alive.filter(prefix=token).first() or alive.filter(name=token).first()
        if found is None:
            raise CommandError(f"There is no valid token {token!r}.")
        tokens.revoke(found, at=timezone.now())
        entries.record_command("revoke_token", token=found.prefix, name=found.name)
        self.stdout.write(f"Token {found.name} ({found.prefix}) is revoked.")
