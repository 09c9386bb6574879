"""The account that somebody tries to log in as, by the name that was typed."""

import hashlib
import unicodedata

from django.contrib.auth import get_user_model

_LONGEST = 150


def normal(typed: str) -> str:
    """Return the form that all spellings of one name share."""
    return unicodedata.normalize("NFKC", typed).casefold()


def digest(typed: str) -> str:
    """Return a digest of the name: it may be long, or a password."""
    return hashlib.sha256(normal(typed).encode(errors="replace")).hexdigest()


def recorded_name(typed: str) -> str:
    """Return the name of an account, or the digest of a name that no account has.

    Somebody who types a password in the wrong field must not find it in the database.
    """
    name = normal(typed)
    # The database cannot look for some of the other characters.
    if len(name) <= _LONGEST and name.isprintable():
        users = get_user_model()._default_manager
        if users.filter(username__iexact=name).exists():
            return name
    return f"unknown name {digest(typed)[:16]}"
