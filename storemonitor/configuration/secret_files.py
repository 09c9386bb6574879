"""Secrets in files instead of in the environment, which more programs and people can read."""

import os
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured


def secret(name: str) -> str:
    """Return a variable, or the text of the file that ``NAME_FILE`` names; "" if neither is set.

    Raises ImproperlyConfigured if both are set, or the file cannot be used.
    """
    given, path = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if given and path:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: remove one of them.")
    return _text(f"{name}_FILE", path) if path else given


def with_password(name: str, url: str) -> str:
    """Return a URL with the password in the file that the variable ``name`` names, if it is set.

    Raises ImproperlyConfigured if the URL has no place for one, or the file cannot be used.
    """
    path = os.environ.get(name, "")
    if not path:
        return url
    parts = urlsplit(url)
    if not parts.hostname:
        raise ImproperlyConfigured(
            f"{name} is set, but its URL ({parts.scheme}:) names no server: remove {name},"
            " or set the URL of the server."
        )
    if parts.password:
        raise ImproperlyConfigured(
            f"{name} is set, and its URL has a password, too: remove one of them."
        )
    password = quote(_text(name, path), safe="")
    place = parts.netloc.rpartition("@")[2]
    place = f"{parts.username or ''}:{password}@{place}"
    return urlunsplit((parts.scheme, place, parts.path, parts.query, parts.fragment))


def _text(name: str, path: str) -> str:
    """Return the text of a file without the line end that editors add."""
    try:
        text = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        raise ImproperlyConfigured(
            f"{name} is {path}, which cannot be read: {why}. Name a file that this user may read."
        ) from error
    if not text:
        raise ImproperlyConfigured(f"{name} is {path}, which is empty: write the secret into it.")
    return text
