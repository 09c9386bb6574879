"""What every way to log in asks first."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied

from access.limits.rates import login_exceeded
from access.lockout.accounts import digest
from access.lockout.devices import device_of
from access.lockout.failures import seconds_locked
from api.senders import network

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import HttpRequest


class LockingBackend(ModelBackend):
    """Django's users and passwords; a locked account is refused before its password is looked at.

    The pages ask ``login_refused`` before and can say how long. This also holds for any other code
    that calls ``authenticate``.
    """

    def authenticate(
        self,
        request: "HttpRequest | None",
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> "User | None":
        """Return the user; None if name or password is wrong. Raises PermissionDenied."""
        if request is not None and username and seconds_locked(request, username):
            raise PermissionDenied
        return super().authenticate(request, username=username, password=password, **kwargs)


def login_refused(request: "HttpRequest", typed: str) -> int:
    """Count a log-in attempt; return the seconds to wait if it is refused, else 0.

    Each attempt costs a slow hash and may be a guess. It is counted before, so that many at once
    gain nothing.
    """
    return _too_often(request, typed) or seconds_locked(request, typed)


def provider_refused(request: "HttpRequest") -> int:
    """Count a log-in by the provider; return the seconds to wait if it is one too many, else 0.

    Nobody has typed a name, so it counts for the address alone: a count for no name would be one
    that everybody shares.
    """
    return login_exceeded(network(request))


def waiting(seconds: int) -> str:
    """Return how long to wait as people say it, never too short."""
    return f"{seconds} s" if seconds <= 90 else f"{-(-seconds // 60)} min"


def _too_often(request: "HttpRequest", typed: str) -> int:
    """Count in this minute; a browser that the account has logged in from has its own count."""
    device = device_of(request, typed)
    # The address first: one that tries too often must not create a count per guessed name.
    kinds = [f"device {device}"] if device else [network(request), f"account {digest(typed)}"]
    return next((seconds for kind in kinds if (seconds := login_exceeded(kind))), 0)
