"""How many requests a minute a sender may make, and what is left of them."""

import logging
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.throttling import BaseThrottle

from access.counters import CannotCount, Count, FileCounters, RedisCounters
from access.models import Token
from access.problems import TooManyRequests
from api.senders import address

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

    from access.counters import Counters

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
# While the counts are away, they are asked for again only so often: each time may cost a wait.
PAUSE_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a sender may still do within the window."""

    policy: str
    limit: int
    count: Count

    @property
    def exceeded(self) -> bool:
        """Return whether this was one request too many."""
        return self.count.hits > self.limit

    def headers(self) -> dict[str, str]:
        """Return what an answer says of it (draft-ietf-httpapi-ratelimit-headers)."""
        left = max(self.limit - self.count.hits, 0)
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"{self.policy}";r={left};t={self.count.seconds_left}',
        }


class RateLimit(BaseThrottle):
    """Counts each request, those that change something apart from those that do not."""

    def allow_request(self, request: "Request", _view: object) -> bool:
        """Return True, with the standing left at the request; raises TooManyRequests."""
        _count(request, _identity(request))
        return True


def count_refused(request: "Request") -> None:
    """Count a request that is refused for who sent it, by its address; raises TooManyRequests.

    Whoever is refused never gets as far as ``RateLimit``, and could ask for ever.
    """
    _count(request, f"address {address(request)}")


def _count(request: "Request", identity: str) -> None:
    policy = "read" if request.method in SAFE_METHODS else "write"
    standing = spend(policy, identity)
    if standing is None:
        return
    request._request.rate_limit = standing  # type: ignore[attr-defined]  # noqa: SLF001
    if standing.exceeded:
        _log_first(standing, f"{identity} has made more requests than allowed ({policy})")
        raise TooManyRequests(standing.count.seconds_left)


def _log_first(standing: Standing, said: str) -> None:
    """Say it once in a window: whoever asks too often must not fill the log as well."""
    if standing.count.hits == standing.limit + 1:
        logger.warning("%s", said)


def login_refused(request: "HttpRequest") -> int:
    """Count an attempt to log in; return the seconds to wait where it is one too many, else 0.

    Each costs a slow hash on purpose, and may be somebody who guesses.
    """
    standing = spend("login", f"address {address(request)}")
    if standing is None or not standing.exceeded:
        return 0
    _log_first(standing, f"too many attempts to log in from {address(request)}")
    return standing.count.seconds_left


def spend(policy: str, identity: str) -> Standing | None:
    """Count one request; None where there is no limit, or the counts cannot be reached."""
    limit: int = getattr(settings, f"RATE_LIMIT_{policy.upper()}")
    if not limit or time.monotonic() < _Pause.until:
        return None
    try:
        count = counters().add(f"{policy}:{identity}", window=WINDOW_SECONDS)
    except CannotCount as error:
        _Pause.until = time.monotonic() + PAUSE_SECONDS
        logger.warning("requests are not limited for %d s: %s", PAUSE_SECONDS, error)
        return None
    return Standing(policy=policy, limit=limit, count=count)


class _Pause:
    until = 0.0


@cache
def counters() -> "Counters":
    """Return where this process counts."""
    broker: str = settings.CELERY_BROKER_URL
    if broker.startswith(("redis:", "rediss:")):
        return RedisCounters(broker)
    return FileCounters(Path(settings.VAR_DIR) / "rate-limits.sqlite3")


def _identity(request: "Request") -> str:
    user, token = request.user, request.auth
    if isinstance(token, Token):
        return f"token {token.prefix}"
    return f"user {user.pk}" if user.is_authenticated else f"address {address(request)}"
