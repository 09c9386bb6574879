"""Counts of failed log-ins in a row, and the locks that they lead to.

An attempt counts in its places. For a browser that the account has logged in from that is this
browser alone. Otherwise it is the address, and "anywhere", which stops guesses from many addresses.
A lock lasts a minute, and twice as long with each further failure, up to an hour.
"""

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from access.audit.recording import bookkeeping, current
from access.lockout.accounts import recorded_name
from access.lockout.devices import device_of
from access.models import LoginFailures
from api.senders import network

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

logger = logging.getLogger(__name__)

ANYWHERE = "anywhere"
# Strangers at many addresses together may fail this many times as often as one.
ANYWHERE_TIMES = 10
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)


def seconds_locked(request: "HttpRequest", typed: str) -> int:
    """Return how long log-ins as this account are still refused here; 0 if they are not."""
    if not settings.LOGIN_FAILURES:
        return 0
    now = timezone.now()
    locks = LoginFailures.objects.filter(
        account=recorded_name(typed),
        place__in=_places(request, typed),
        locked_until__gt=now,
    ).values_list("locked_until", flat=True)
    return max((_whole_seconds(until - now) for until in locks if until), default=0)


def note_failure(request: "HttpRequest", typed: str) -> None:
    """Count a failed log-in, and lock the account in this place if it is one too many."""
    # Refused attempts do not make the lock longer.
    if not settings.LOGIN_FAILURES or seconds_locked(request, typed):
        return
    account, now, recording = recorded_name(typed), timezone.now(), current()
    with bookkeeping():
        _forget(now)
        counts = [_add(account, place, now) for place in _places(request, typed)]
    for count in counts:
        if count.locked_until is None or count.locked_until <= now:
            continue
        until = f"{count.locked_until:%Y-%m-%d %H:%M:%S} UTC"
        logger.warning("%s is locked until %s, from %s", account, until, count.place)
        if recording is not None:
            recording.tell(locked=account, place=count.place, until=until)


def forgive(request: "HttpRequest", name: str) -> None:
    """Start to count again where an account has logged in. Strangers' failures elsewhere stay."""
    places = [place for place in _places(request, name) if place != ANYWHERE]
    with bookkeeping():
        LoginFailures.objects.filter(account=recorded_name(name), place__in=places).delete()


def unlock(rows: "Iterable[LoginFailures]") -> int:
    """Forget these failures; return how many rows there were."""
    count, _ = LoginFailures.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return count


def _places(request: "HttpRequest", typed: str) -> list[str]:
    device = device_of(request, typed)
    return [f"device {device}"] if device else [network(request), ANYWHERE]


def _add(account: str, place: str, now: datetime) -> LoginFailures:
    """Add one failure; return the row."""
    with transaction.atomic():
        new = {"failures": 0, "last_at": now}
        row, _ = LoginFailures.objects.select_for_update().get_or_create(
            account=account, place=place, defaults=new
        )
        row.failures += 1
        row.last_at = now
        row.locked_until = _locked_until(row, now)
        row.save()
    return row


def _locked_until(row: LoginFailures, now: datetime) -> datetime | None:
    allowed: int = settings.LOGIN_FAILURES * (ANYWHERE_TIMES if row.place == ANYWHERE else 1)
    excess = row.failures - allowed
    if excess < 0:
        return None
    # Limited before it is raised to a power: a long attack must not overflow.
    factor: int = 2 ** min(excess, 10)
    return now + min(FIRST_LOCK * factor, LONGEST_LOCK)


def _forget(now: datetime) -> None:
    """Remove the counts of a day ago, of every account, so that the table stays small."""
    LoginFailures.objects.filter(last_at__lte=now - FORGOTTEN_AFTER).delete()


def _whole_seconds(length: timedelta) -> int:
    return -(-length // timedelta(seconds=1))
