"""The data: polls that stopped or come from the future, stores without time zone, the sample."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count, Q

from fleet.extent import HISTORY, latest_poll, newest_poll
from fleet.models import Poll, Store
from jobs import clock
from storemonitor.operations.attention import EARLY_POLL, LATE_POLL
from storemonitor.operations.doctor.findings import Finding, counted, fine, named, warn


def polls() -> Iterator[Finding]:
    """Judge the newest poll."""
    now, newest = clock.now(), newest_poll()
    if newest is None:
        yield fine("there are no polls yet: ./run manage ingest DIR")
        return
    when = f"{newest:%Y-%m-%d %H:%M} UTC"
    if newest > now + EARLY_POLL:
        text = f"the newest poll is in the future, {when}: reports are as of then"
        yield warn(text, "correct the clock or time zone of the poller, and send the polls again")
    elif now - newest > HISTORY:
        yield fine(f"they end at {when}: this is historic data")
    elif now - newest > LATE_POLL:
        text = f"none has arrived since {when}"
        yield warn(
            text, "see whether the poller and its delivery run; then ./run manage ingest DIR"
        )
    else:
        yield fine(f"the newest is of {when}")
    yield from _far_ahead()


def _far_ahead() -> Iterator[Finding]:
    ids = Poll.objects.filter(polled_at__gt=latest_poll()).values_list("store__store_id", flat=True)
    some = sorted(set(ids[:100]))
    if some:
        hours = settings.POLL_MAX_AHEAD_HOURS
        text = f"polls of {named(some)} are more than {hours} hours ahead: no report uses them"
        yield warn(text, "./run manage prune --ahead --apply; correct the clock of the poller")


def time_zones() -> Iterator[Finding]:
    """Find stores for which the default time zone is used."""
    without = Store.objects.filter(time_zone=None, is_sample=False)
    count = without.count()
    if count:
        names = named(list(without.values_list("store_id", flat=True)))
        text = f"{counted(count, 'store has', 'stores have')} none, so America/Chicago is used"
        yield warn(f"{text}: {names}", "./run manage ingest FILE, with store_id,timezone_str")


def sample() -> Iterator[Finding]:
    """Find made-up stores among real ones."""
    found = Store.objects.aggregate(
        made_up=Count("pk", filter=Q(is_sample=True)), real=Count("pk", filter=Q(is_sample=False))
    )
    if found["made_up"] and found["real"]:
        text = f"{counted(found['made_up'], 'made-up store')} among {found['real']:,} real ones"
        do = "./run manage ingest DIR, with your own files: the first of them removes the sample"
        yield warn(f"{text}: reports list both", do)
    elif found["made_up"]:
        yield fine(f"{counted(found['made_up'], 'made-up store')}, and no real one")
