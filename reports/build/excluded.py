"""What a report says of the time that was excluded from it (rule 21)."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from fleet.exclusions.finding import touching
from fleet.models import Exclusion, StoreTag
from reports.models import Report
from reports.poller.words import share_of_open_time
from reports.request.parameters import question_of
from reports.request.selections import stores_of
from uptime.instants import from_microseconds
from uptime.windows.bounds import earliest_start

# Each is told with its reason, of up to 500 characters.
_MOST_TOLD = 50
_REASONS = 3


def told_exclusions(report: Report, times: Sequence[tuple[int, int]]) -> dict[str, Any] | None:
    """Return which exclusions touch the report and how much time they took; None for no time.

    ``times``: open and excluded microseconds of each window. Exclusions are read after the numbers,
    which takes time only if there is something to tell.
    """
    if not any(excluded for _, excluded in times):
        return None
    question = question_of(report)
    first = from_microseconds(earliest_start(question.windows, question.as_of))
    found = touching(_of(report), first, report.as_of)
    return {
        "count": len(found),
        "exclusions": [
            {
                "id": one.exclusion.pk,
                "scope": one.exclusion.scope_text,
                "reason": one.exclusion.reason,
                "created_by": one.exclusion.created_by,
            }
            for one in found[:_MOST_TOLD]
        ],
        "windows": [
            {"window": window, "open_us": opened, "excluded_us": excluded}
            for window, (opened, excluded) in zip(report.windows, times, strict=True)
        ],
    }


def sentences(report: Report) -> list[str]:
    """Return what was excluded and why, for people; none if nothing was, or if it is not done."""
    return list(_sentences(report.excluded)) if report.excluded else []


def _of(report: Report) -> QuerySet[Exclusion]:
    """Return the exclusions of the stores of a report."""
    if not report.stores:
        return Exclusion.objects.all()
    keys = stores_of(report.stores).values("key")
    tags = StoreTag.objects.filter(store__in=keys).values("tag")
    return Exclusion.objects.filter(Q(scope="fleet") | Q(store__in=keys) | Q(tag__in=tags))


def _sentences(said: dict[str, Any]) -> Iterator[str]:
    count = said["count"]
    shares = [
        share_of_open_time(one["excluded_us"], one["open_us"], one["window"])
        for one in said["windows"]
        if one["excluded_us"]
    ]
    took = f"{count} exclusion{'' if count == 1 else 's'} took {'; '.join(shares)}"
    reasons = list(dict.fromkeys(one["reason"] for one in said["exclusions"]))
    more = "; and others" if len(reasons) > _REASONS or count > _MOST_TOLD else ""
    yield f"{took}: {'; '.join(reasons[:_REASONS])}{more}."
