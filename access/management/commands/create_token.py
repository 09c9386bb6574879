"""``manage.py create_token``: a token for a program, shown this once."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access import audit, tokens
from access.models import Token
from access.scopes import SCOPES

_AGE = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Command(BaseCommand):
    """The token alone goes to standard output, so that a script can keep it."""

    help = "Make a token for the API and print it, this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name, the scopes, and for how long."""
        parser.add_argument("--name", required=True, help="who or what will use it")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=SCOPES,
            dest="scopes",
            help="what it may do; give it again for more than one",
        )
        parser.add_argument("--expires", type=_age, help="such as 90d, 12w or 720h; without, never")

    def handle(
        self, *_: Any, name: str, scopes: list[str], expires: timedelta | None, **__: Any
    ) -> None:
        """Make it and print it."""
        expires_at = timezone.now() + expires if expires else None
        try:
            issued = tokens.issue(
                name=name, scopes=scopes, created_by=audit.operator(), expires_at=expires_at
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        audit.record_command(
            "create_token",
            token=issued.token.prefix,
            name=name,
            scopes=issued.token.scopes,
            expires_at=expires_at,
        )
        self.stderr.write(f"{_described(issued.token)}. It is shown this once:")
        self.stdout.write(issued.secret)


def _described(token: Token) -> str:
    until = f"until {token.expires_at:%Y-%m-%d %H:%M} UTC" if token.expires_at else "for ever"
    return f"Token {token.name} may {', '.join(token.scopes)}, {until}"


def _age(text: str) -> timedelta:
    form = _AGE.fullmatch(text)
    if form is None:
        raise ArgumentTypeError(f"{text!r} is no age: write 90d, 12w or 720h.")
    return timedelta(**{_UNITS[form[2]]: int(form[1])})
