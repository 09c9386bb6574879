"""``manage.py create_token``: create a token for a program and show it once."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access import tokens
from access.audit import entries
from access.models import Token
from access.scopes import SCOPES

_AGE = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Command(BaseCommand):
    """Only the token goes to standard output, so that a script can capture it."""

    help = "Create a token for the API and print it once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="who or what will use it")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=SCOPES,
            dest="scopes",
            help="what it may do; give it again for more than one",
        )
        parser.add_argument("--expires", type=_age, help="such as 90d, 12w or 720h; default: never")

    def handle(
        self, *_: Any, name: str, scopes: list[str], expires: timedelta | None, **__: Any
    ) -> None:
        expires_at = timezone.now() + expires if expires else None
        try:
            issued = tokens.issue(
                name=name, scopes=scopes, created_by=entries.operator(), expires_at=expires_at
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        entries.record_command(
            "create_token",
            token=issued.token.prefix,
            name=name,
            scopes=issued.token.scopes,
            expires_at=expires_at,
        )
        self.stderr.write(f"{_described(issued.token)}. It is shown only once:")
        self.stdout.write(issued.secret)


def _described(token: Token) -> str:
    until = f"until {token.expires_at:%Y-%m-%d %H:%M} UTC" if token.expires_at else "no expiry"
    return f"Token {token.name} may {', '.join(token.scopes)}, {until}"


def _age(text: str) -> timedelta:
    form = _AGE.fullmatch(text)
    if form is None:
        raise ArgumentTypeError(f"{text!r} is not a duration. Write 90d, 12w or 720h.")
    return timedelta(**{_UNITS[form[2]]: int(form[1])})
