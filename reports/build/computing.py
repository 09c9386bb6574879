"""From the database to the numbers of a report or a shard."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from reports.build.planning import KeyRange, plan
from reports.build.selectors import load_fleet
from reports.kinds.known import KINDS
from reports.kinds.measured import Measured
from reports.models import PollerOutages, Report
from reports.poller.search import known_outages, outages_found
from reports.poller.told import Told
from reports.request.kept import check_there
from reports.request.parameters import question_of
from reports.request.selections import stores_of
from reports.stamp.stamps import Stamp, stamped
from uptime import Fleet, Question
from uptime.open_time.clock import Clock
from uptime.poller.finding import sightings_of, silences_of
from uptime.poller.outages import PollerOutage, find_poller_outages
from uptime.targets.to_come import FARTHEST

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, kw_only=True)
class Computed:
    """The rows of a report or shard, its number of stores, when nobody polled them, and the stamp.

    ``told`` and ``stamped`` are computed beside the rest; ``told`` is None if the poller's outages
    are not known.
    """

    store_count: int
    measured: Measured
    told: "Future[Told] | None"
    stamped: "Future[Stamp]"

    def tell(self) -> Told | None:
        """Return when nobody polled, waiting for it; None if that is not known."""
        return None if self.told is None else self.told.result()

    def stamp(self) -> Stamp:
        """Return the stamp of these numbers, waiting for it."""
        return self.stamped.result()


def compute(report: Report, keys: KeyRange | None = None) -> Computed:
    """Return the numbers of the report, limited to a range of keys if given.

    Raises what ``load_fleet`` raises, and PollsGone if polls were pruned since the request.
    """
    question = question_of(report)
    outages = _outages_of(report, question) if keys is None else _of_whole(report, question)
    fleet = load_fleet(
        start=question.first_poll,
        end=question.as_of,
        keys=None if keys is None else (keys.first, keys.last),
        stores=stores_of(report.stores) if report.stores else None,
        tagged=True,
        ahead=FARTHEST if question.targets else 0,
    )
    check_there(question.first_poll)
    is_whole = keys is None and not report.stores
    if report.poller_outages == PollerOutages.UNKNOWN:
        outages = _found_in(fleet, question) if outages is None else outages
        fleet = replace(fleet, silences=silences_of(fleet, outages))
    stamp = _beside(partial(_stamp, report, fleet, question))
    clock, told = fleet.open_time(question), None
    if is_whole or outages is not None:
        told = _beside(partial(_told, fleet, question, outages, clock))
    measured = KINDS[report.kind].measure(fleet, question, clock)
    return Computed(store_count=len(fleet.store_ids), measured=measured, told=told, stamped=stamp)


def _outages_of(report: Report, question: Question) -> list[PollerOutage] | None:
    """Return the poller's outages if they are known, or must be; None if not.

    Only polls of the whole fleet show them. A report of all stores reads these anyway. Reading them
    for a few stores would take many times as long as their report, so it is done only if their
    numbers depend on it.
    """
    known = known_outages(question)
    if known is None and report.stores and report.poller_outages == PollerOutages.UNKNOWN:
        return outages_found(question)
    return known


def ranges_of(report: Report) -> list[KeyRange]:
    """Return the key ranges to compute the report in; one if it is small."""
    stores = stores_of(report.stores) if report.stores else None
    question = question_of(report)
    return plan(question.first_poll, question.as_of, stores)


def _of_whole(report: Report, question: Question) -> list[PollerOutage] | None:
    """Return the outages that were known when the report was cut into shards."""
    said = report.nobody_polled
    return None if said is None else list(Told.from_json(said, question.as_of).outages)


def _found_in(fleet: Fleet, question: Question) -> list[PollerOutage]:
    seen = sightings_of(fleet, question.first_poll, question.as_of)
    return find_poller_outages(seen, question.as_of)


def _beside(work: Callable[[], ResultT]) -> "Future[ResultT]":
    """Do it in a thread of its own: numbers and file need not wait for it."""
    thread = ThreadPoolExecutor(1)
    result = thread.submit(work)
    thread.shutdown(wait=False)
    return result


def _stamp(report: Report, fleet: Fleet, question: Question) -> Stamp:
    outages = str(report.poller_outages)
    return stamped(fleet, question, kind=report.kind, poller_outages=outages, stores=report.stores)


def _told(
    fleet: Fleet, question: Question, outages: Iterable[PollerOutage] | None, clock: Clock
) -> Told:
    found = _found_in(fleet, question) if outages is None else outages
    return Told.of(fleet, question, found, clock)
