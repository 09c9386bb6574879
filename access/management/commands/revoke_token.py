"""``manage.py revoke_token``: a token that opens nothing any more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access import audit, tokens
from access.models import Token


class Command(BaseCommand):
    """Takes effect with the next request."""

    help = "End a token at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name, or the prefix that stands after ``sm_``."""
        parser.add_argument("token", help="its name, or the digits that follow sm_")

    def handle(self, *_: Any, token: str, **__: Any) -> None:
        """Revoke it."""
        alive = Token.objects.filter(revoked_at=None)
        found = alive.filter(prefix=token).first() or alive.filter(name=token).first()
        if found is None:
            raise CommandError(f"There is no token {token!r} that is not revoked already.")
        tokens.revoke(found, at=timezone.now())
        audit.record_command("revoke_token", token=found.prefix, name=found.name)
        self.stdout.write(f"Token {found.name} ({found.prefix}) is revoked.")
