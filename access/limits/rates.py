"""Rate limits: requests per minute and sender, and how many are left."""

import logging
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.throttling import BaseThrottle

from access.limits.counters import CannotCount, Count, FileCounters, RedisCounters
from access.models import Token
from access.problems import TooManyRequests
from api.senders import network

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

    from access.limits.counters import Counters

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
# While the counters are unreachable, try them only this often: each try may wait.
PAUSE_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a sender may still do in this window."""

    policy: str
    limit: int
    count: Count

    @property
    def exceeded(self) -> bool:
        return self.count.hits > self.limit

    def headers(self) -> dict[str, str]:
        """Return the rate limit headers (draft-ietf-httpapi-ratelimit-headers)."""
        left = max(self.limit - self.count.hits, 0)
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"{self.policy}";r={left};t={self.count.seconds_left}',
        }


class RateLimit(BaseThrottle):
    """Counts each request: reads and changes separately."""

    def allow_request(self, request: "Request", _view: object) -> bool:
        """Return True and keep the standing on the request; raises TooManyRequests."""
        _count(request, _identity(request))
        return True


def count_refused(request: "Request") -> None:
    """Count a refused request by its address; raises TooManyRequests.

    A refused request never gets as far as ``RateLimit`` and would not be limited.
    """
    _count(request, network(request))


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
    """Log once per window: a sender that asks too often must not fill the log."""
    if standing.count.hits == standing.limit + 1:
        logger.warning("%s", said)


def login_exceeded(identity: str) -> int:
    """Count an attempt to log in; return the seconds to wait if it is one too many, else 0.

    While the shared counters cannot be reached, this machine counts by itself.
    """
    standing = spend("login", identity, also_alone=True)
    if standing is None or not standing.exceeded:
        return 0
    _log_first(standing, f"too many log-in attempts ({identity.partition(' ')[0]})")
    return standing.count.seconds_left


def change_refused(request: "HttpRequest") -> int:
    """Count a change asked for on a page, with those of the API.

    Returns the seconds to wait if it is one too many, else 0.
    """
    identity = _identity(request)
    standing = spend("write", identity)
    if standing is None or not standing.exceeded:
        return 0
    _log_first(standing, f"{identity} has made more requests than allowed (write)")
    return standing.count.seconds_left


def spend(policy: str, identity: str, *, also_alone: bool = False) -> Standing | None:
    """Count one request; None if there is no limit or the counters cannot be reached.

    With ``also_alone`` this machine counts by itself while they cannot be reached.
    """
    limit: int = getattr(settings, f"RATE_LIMIT_{policy.upper()}")
    key = f"{policy}:{identity}"
    count = (_counted(key) or (_counted_alone(key) if also_alone else None)) if limit else None
    return None if count is None else Standing(policy=policy, limit=limit, count=count)


def _counted(key: str) -> Count | None:
    if time.monotonic() < _Pause.until:
        return None
    try:
        return counters().add(key, window=WINDOW_SECONDS)
    except CannotCount as error:
        _Pause.until = time.monotonic() + PAUSE_SECONDS
        logger.warning("requests are not limited for %d s: %s", PAUSE_SECONDS, error)
        return None


def _counted_alone(key: str) -> Count | None:
    try:
        return file_counters().add(key, window=WINDOW_SECONDS)
    except CannotCount as error:
        logger.warning("log-ins are not limited: %s", error)
        return None


class _Pause:
    until = 0.0


@cache
def counters() -> "Counters":
    """Return the counters of this process."""
    broker: str = settings.CELERY_BROKER_URL
    if broker.startswith(("redis:", "rediss:")):
        return RedisCounters(broker)
    return file_counters()


@cache
def file_counters() -> FileCounters:
    """Return the counters of this machine."""
    return FileCounters(Path(settings.VAR_DIR) / "rate-limits.sqlite3")


def _identity(request: "Request | HttpRequest") -> str:
    # A page has no token, only perhaps a person.
    user, token = request.user, getattr(request, "auth", None)
    if isinstance(token, Token):
        return f"token {token.prefix}"
    return f"user {user.pk}" if user.is_authenticated else network(request)
