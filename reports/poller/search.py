"""Searching the database's polls for outages of the poller, once for each version of the data."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from fleet.extent import HISTORY
from fleet.versions import current_version
from jobs import clock
from reports.build.planning import plan
from reports.build.selectors import load_fleet
from reports.poller.models import FoundOutage, PollerSearch
from reports.request.kept import check_there
from reports.stamp.versions import CORE
from uptime import Question
from uptime.instants import from_microseconds, to_microseconds
from uptime.poller.finding import sightings_of
from uptime.poller.outages import PollerOutage, find_poller_outages, last_poll, patience
from uptime.poller.scopes import FLEET
from uptime.poller.sightings import Sightings, joined

# Somebody may still be reading what an older search found.
_KEPT = timedelta(minutes=10)
_WEEK = timedelta(days=7)


def searched(start: datetime, newest: datetime) -> PollerSearch:
    """Return a search up to the newest poll that finds what touches the time from ``start`` on.

    It covers at least the polls of a report with the classic windows, so that both share one.
    Raises what ``search`` raises.
    """
    return search(min(start, newest - _WEEK) - settings.UPTIME_LOOK_BACK, newest)


def search(since: datetime, until: datetime) -> PollerSearch:
    """Return the search of the polls between two instants, made now unless it was before.

    Raises what ``load_fleet`` raises, and PollsGone if polls were pruned since.
    """
    version = current_version()
    known = _known(version, since, until)
    if known is not None:
        return known
    start, end = to_microseconds(since), to_microseconds(until)
    seen = joined(_sightings(start, end))
    check_there(start)
    return keep(seen, since, until, version)


def known_outages(question: Question) -> list[PollerOutage] | None:
    """Return the outages of the question's polls if they were found before, else None."""
    since, until = from_microseconds(question.first_poll), from_microseconds(question.as_of)
    known = _known(current_version(), since, until)
    return None if known is None else _as_of_its_end(known)


def outages_found(question: Question) -> list[PollerOutage]:
    """Return the outages of the question's polls, searched now if need be; see ``search``."""
    since, until = from_microseconds(question.first_poll), from_microseconds(question.as_of)
    return _as_of_its_end(search(since, until))


def keep(
    seen: Mapping[str, Sightings], since: datetime, until: datetime, version: int
) -> PollerSearch:
    """Store what sightings of a version of the data show; ``version`` is from before reading."""
    is_version = current_version() == version
    rows = list(_rows(seen, to_microseconds(until)))
    try:
        with transaction.atomic():
            _remove_older(version)
            made = PollerSearch.objects.create(
                data_version=version if is_version else None, core=CORE, since=since, until=until
            )
            for row in rows:
                row.search = made
            FoundOutage.objects.bulk_create(rows)
    except IntegrityError:
        # Another process was faster.
        known = _known(version, since, until)
        if known is None:
            raise
        return known
    return made


def outages_between(
    found: PollerSearch, start: datetime, end: datetime, now: datetime
) -> QuerySet[FoundOutage]:
    """Return the outages that touch ``[start, end)``; one that lasts must be one by its end.

    The end of historic data is not an outage.
    """
    touching = Q(ended_at__gt=start)
    if now - found.until <= HISTORY:
        touching |= Q(ended_at=None)
    return found.outages.select_related("search").filter(
        touching, started_at__lt=end, counts_from__lte=end
    )


def as_told(rows: Iterable[FoundOutage]) -> list[PollerOutage]:
    """Return outages in the form of the core; one that lasts ends where the search did."""
    return [
        PollerOutage(
            scope=row.scope,
            start=to_microseconds(row.started_at),
            end=to_microseconds(row.ended_at or row.search.until),
            lasts=row.ended_at is None,
            stores=row.stores,
        )
        for row in rows
    ]


def _as_of_its_end(found: PollerSearch) -> list[PollerOutage]:
    """Return what was an outage at the end of the search, oldest first."""
    return as_told(reversed(outages_between(found, found.since, found.until, found.until)))


def _known(version: int, since: datetime, until: datetime) -> PollerSearch | None:
    return PollerSearch.objects.filter(
        data_version=version, core=CORE, since=since, until=until
    ).first()


def _sightings(start: int, end: int) -> Iterator[Mapping[str, Sightings]]:
    for keys in plan(start, end):
        fleet = load_fleet(start=start, end=end, keys=(keys.first, keys.last), tagged=True)
        yield sightings_of(fleet, start, end)


def _rows(seen: Mapping[str, Sightings], until: int) -> Iterator[FoundOutage]:
    outages = find_poller_outages(seen, until)
    for one in outages:
        yield _row(one, one.start)
    if not any(one.lasts and one.scope == FLEET for one in outages):
        yield from _since_last_poll(seen[FLEET])


def _since_last_poll(fleet: Sightings) -> Iterator[FoundOutage]:
    """Yield the silence after the fleet's last poll, which will be an outage if it lasts."""
    last, long = last_poll(fleet), patience(fleet)
    if last is not None and long is not None:
        stores = int((fleet.ended >= last - long).sum())
        silence = PollerOutage(scope=FLEET, start=last, end=last, lasts=True, stores=stores)
        yield _row(silence, last + long)


def _row(one: PollerOutage, counts_from: int) -> FoundOutage:
    return FoundOutage(
        scope=one.scope,
        started_at=from_microseconds(one.start),
        ended_at=None if one.lasts else from_microseconds(one.end),
        counts_from=from_microseconds(counts_from),
        stores=one.stores,
    )


def _remove_older(version: int) -> None:
    older = PollerSearch.objects.filter(Q(data_version=None) | Q(data_version__lt=version))
    older.filter(created_at__lt=clock.now() - _KEPT).delete()
