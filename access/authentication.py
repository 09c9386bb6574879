"""Who sent a request: a program with a token, or a person with a session."""

import logging
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework import authentication

from access import tokens
from access.limits.rates import count_refused
from access.problems import InvalidToken
from api.errors.problems import CsrfFailed
from api.senders import address

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

    from access.models import Token

logger = logging.getLogger(__name__)

SCHEME = "Bearer"


class TokenUser:
    """The program behind a token. It has no row in the user table and no permissions."""

    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_staff = False
    is_superuser = False
    pk = id = None

    def __init__(self, token: "Token") -> None:
        self.token = token

    def __str__(self) -> str:
        return self.get_username()

    def get_username(self) -> str:
        """Return its name in records. It contains spaces, which no user name does.

        The name of a revoked token can be used again; the prefix cannot.
        """
        return f"token {self.token.name} ({self.token.prefix})"

    def has_perm(self, _permission: str, _object: Any = None) -> bool:
        """Refuse: a token has scopes, not permissions."""
        return False


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Bearer sm_...``. Other schemes are ignored: a proxy may use them."""

    def authenticate(self, request: "Request") -> "tuple[TokenUser, Token] | None":
        """Return the sender, or None without a token. Raises InvalidToken."""
        secret = bearer(request)
        if secret is None:
            return None
        token, now = tokens.find(secret), timezone.now()
        fault = fault_of(token, now)
        if token is None or fault:
            count_refused(request)
            shown = tokens.prefix_of(secret) or "in an unknown format"
            logger.warning("refused the token %s from %s: %s", shown, address(request), fault)
            raise InvalidToken
        tokens.note_use(token, at=now)
        return TokenUser(token), token

    def authenticate_header(self, request: "Request") -> str:
        """Return the challenge that a 401 sends (RFC 6750)."""
        fault = ', error="invalid_token"' if bearer(request) is not None else ""
        return f'{SCHEME} realm="Store Monitoring"{fault}'


def bearer(request: "Request | HttpRequest") -> str | None:
    """Return the token that a request sends, well formed or not; None if it sends none."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == SCHEME.lower() else None


def usable(secret: str) -> "Token | None":
    """Return the token with this secret, if it is valid."""
    token = tokens.find(secret)
    return None if fault_of(token, timezone.now()) else token


def fault_of(token: "Token | None", now: Any) -> str:
    """Return why a token is refused, "" if it is valid."""
    if token is None:
        return "no token has this secret"
    if token.revoked_at:
        return f"revoked at {token.revoked_at:%Y-%m-%d %H:%M} UTC"
    if token.expires_at and token.expires_at <= now:
        return f"expired at {token.expires_at:%Y-%m-%d %H:%M} UTC"
    return ""


class SessionAuthentication(authentication.SessionAuthentication):
    """People logged in at /admin/. Changes need the CSRF token too."""

    def enforce_csrf(self, request: "HttpRequest") -> None:
        """Raise CsrfFailed if another site's page may have sent the request."""
        check = authentication.CSRFCheck(_nothing)
        check.process_request(request)
        if reason := check.process_view(request, _nothing, (), {}):
            raise CsrfFailed(f"{reason}")


def _nothing(_request: "HttpRequest") -> HttpResponse:
    """Stand in for the view that the check expects."""
    return HttpResponse()
