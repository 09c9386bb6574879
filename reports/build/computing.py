"""From the database to the numbers of a report or a shard."""

from collections.abc import Sequence

from reports.build.planning import KeyRange, plan
from reports.build.selectors import load_fleet
from reports.models import Report
from reports.request.kept import check_there
from reports.request.parameters import question_of
from reports.request.selections import stores_of
from uptime import UptimeSummary, summarise


def compute(report: Report, keys: KeyRange | None = None) -> tuple[Sequence[str], UptimeSummary]:
    """Return the stores of the report, limited to a range of keys if given, and their uptime.

    Raises what ``load_fleet`` raises, and PollsGone if polls were pruned since the request.
    """
    question = question_of(report)
    fleet = load_fleet(
        start=question.first_poll,
        end=question.as_of,
        keys=None if keys is None else (keys.first, keys.last),
        stores=stores_of(report.stores) if report.stores else None,
    )
    check_there(question.first_poll)
    return fleet.store_ids, summarise(fleet, question)


def ranges_of(report: Report) -> list[KeyRange]:
    """Return the key ranges to compute the report in; one if it is small."""
    stores = stores_of(report.stores) if report.stores else None
    question = question_of(report)
    return plan(question.first_poll, question.as_of, stores)
