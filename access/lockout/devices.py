"""Browsers that an account has logged in from before.

Each gets a signed cookie for its account (a "device cookie", as OWASP describes). Failures from a
browser with one count for this browser alone, so nobody else can lock its owner out. It is no
credential: it lets nobody in.
"""

import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner

from access.lockout.accounts import digest

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_KEPT_SECONDS = 90 * 24 * 3600


def device_of(request: "HttpRequest", typed: str) -> str | None:
    """Return the id of the browser if this account has logged in from it, else None."""
    try:
        signed = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
        account, device = _signer().unsign(signed, max_age=_KEPT_SECONDS).split(".")
    except (BadSignature, ValueError):
        return None
    return device if account == digest(typed) else None


def remember_device(request: "HttpRequest", response: "HttpResponse") -> None:
    """Mark the browser of a request that has logged in."""
    name: str | None = getattr(request, "logged_in_as", None)
    if name is None:
        return
    device = device_of(request, name) or secrets.token_hex(8)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        _signer().sign(f"{digest(name)}.{device}"),
        max_age=_KEPT_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="access.lockout.device")
