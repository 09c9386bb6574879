"""Environment variables, checked at the start and not when they are first used."""

import ipaddress
import os

from django.core.exceptions import ImproperlyConfigured

from access.scopes import SCOPES
from reports import environment


def whole_number(name: str, *, default: int, least: int = 1) -> int:
    """Return the number in an environment variable; an empty one counts as unset.

    Raises ImproperlyConfigured for anything but a whole number of at least ``least``.
    """
    try:
        return environment.whole_number(name, default=default, least=least)
    except environment.UnusableSetting as error:
        raise ImproperlyConfigured(str(error)) from error


def scopes(name: str) -> list[str]:
    """Return the scopes in an environment variable, separated by commas; none by default.

    Raises ImproperlyConfigured for an unknown scope.
    """
    given = [text.strip() for text in os.environ.get(name, "").split(",") if text.strip()]
    unknown = sorted(set(given) - set(SCOPES))
    if unknown:
        raise ImproperlyConfigured(
            f"{name} has {', '.join(map(repr, unknown))}; scopes are: {', '.join(SCOPES)}."
        )
    return given


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the networks in an environment variable, separated by commas; none by default.

    Raises ImproperlyConfigured for an invalid network.
    """
    given = [text.strip() for text in os.environ.get(name, "").split(",") if text.strip()]
    try:
        return [ipaddress.ip_network(text) for text in given]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: {error}; write, for example, 10.1.0.0/16, fd00::/8."
        ) from error


def log_format() -> str:
    """Return ``text`` or ``json``. Raises ImproperlyConfigured."""
    given = os.environ.get("LOG_FORMAT") or "text"
    if given not in {"text", "json"}:
        raise ImproperlyConfigured(f"LOG_FORMAT is {given!r}; it may be text or json.")
    return given
