"""From the database to the numbers of a report, or of a shard of it."""

from collections.abc import Sequence

from django.conf import settings

from reports.build.planning import KeyRange, plan
from reports.build.selectors import load_fleet
from reports.models import Columns, Report
from reports.request.kept import check_there
from reports.request.parameters import microseconds, windows_of
from reports.request.selections import stores_of
from uptime import UptimeSummary, earliest_start
from uptime.instants import to_microseconds


def compute(report: Report, keys: KeyRange | None = None) -> tuple[Sequence[str], UptimeSummary]:
    """Return the report's stores, of those with keys in a range if there is one, and their uptime.

    Raises what ``load_fleet`` raises, and PollsGone if polls were pruned since it was asked for.
    """
    as_of = to_microseconds(report.as_of)
    earliest = earliest_poll(report)
    fleet = load_fleet(
        start=earliest,
        end=as_of,
        keys=None if keys is None else (keys.first, keys.last),
        stores=stores_of(report.stores) if report.stores else None,
    )
    check_there(earliest)
    summary = fleet.summarise(
        as_of=as_of,
        windows=windows_of(report),
        look_back=microseconds(settings.UPTIME_LOOK_BACK),
        max_gap=None if report.max_gap is None else microseconds(report.max_gap),
        fresh=microseconds(settings.UPTIME_FRESH),
        full=report.columns == Columns.FULL,
    )
    return fleet.store_ids, summary


def ranges_of(report: Report) -> list[KeyRange]:
    """Return the ranges of keys that the report should be computed by; one if it is small."""
    stores = stores_of(report.stores) if report.stores else None
    return plan(earliest_poll(report), to_microseconds(report.as_of), stores)


def earliest_poll(report: Report) -> int:
    """Return the earliest instant at which a poll counts, in microseconds of UTC (rule 6)."""
    start = earliest_start(windows_of(report), to_microseconds(report.as_of))
    return start - microseconds(settings.UPTIME_LOOK_BACK)
