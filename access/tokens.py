"""Creating, finding and revoking tokens.

A secret has 256 random bits, so one round of SHA-256 is enough: it cannot be guessed, and every
request pays for the hash.
"""

import hashlib
import logging
import re
import secrets
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import OperationalError, connection
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from access.audit.recording import bookkeeping
from access.models import Token
from access.scopes import SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

_FORM = re.compile(r"sm_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_USE_WRITTEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A new token and its secret, which is shown once and not stored."""

    token: Token
    secret: str


def issue(
    *, name: str, scopes: Iterable[str], created_by: str, expires_at: datetime | None = None
) -> Issued:
    """Create a token. Raises ValidationError for a bad name, scope or expiry."""
    given = {f"can_{scope}": scope in set(scopes) for scope in SCOPES}
    token = Token(name=name, created_by=created_by, expires_at=expires_at, **given)
    secret = give_secret(token)
    token.full_clean()
    token.save(force_insert=True)
    return Issued(token=token, secret=secret)


def give_secret(token: Token) -> str:
    """Create and return the secret of a token that is not stored yet."""
    token.prefix = secrets.token_hex(6)
    secret = f"sm_{token.prefix}_{secrets.token_urlsafe(32)}"
    token.digest = _digest(secret)
    return secret


def prefix_of(secret: str) -> str | None:
    """Return the part of a secret that may be shown; None if it is malformed."""
    form = _FORM.fullmatch(secret)
    return form[1] if form else None


def find(secret: str) -> Token | None:
    """Return the token with this secret, even if it is expired or revoked."""
    prefix = prefix_of(secret)
    token = Token.objects.filter(prefix=prefix).first() if prefix else None
    if token and constant_time_compare(token.digest, _digest(secret)):
        return token
    return None


def revoke(token: Token, *, at: datetime) -> bool:
    """Revoke a token; return whether it was not revoked before."""
    return bool(Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at))


def note_use(token: Token, *, at: datetime) -> None:
    """Record when a token was used, at most once a minute, without waiting."""
    due = at - _USE_WRITTEN_EVERY
    if token.last_used_at is not None and token.last_used_at > due:
        return
    old = Q(last_used_at=None) | Q(last_used_at__lte=due)
    try:
        with bookkeeping(), _without_waiting():
            Token.objects.filter(old, pk=token.pk).update(last_used_at=at)
    except OperationalError as error:
        logger.info("the use of token %s was not recorded: %s", token.prefix, error)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@contextmanager
def _without_waiting() -> "Iterator[None]":
    """On SQLite, fail at once while an ingestion writes: reading must not wait for it."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        [usual] = cursor.fetchone()
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual:d}")
