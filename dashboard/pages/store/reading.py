"""One read of a store's rows, and all that its page says, computed from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dashboard.pages.store.asked import PICKED, RECENT, SHOWN_WEEK, Asked
from dashboard.pages.store.numbers import Numbers, numbers_of
from dashboard.snapshots.computing import asked as asked_of_snapshot
from fleet.models import Store
from reports.request.kept import PollsGone, check_there
from stores.history import fleet_of
from uptime import Fleet, Question, Timeline, UptimeSummary, Window, summarise, timeline
from uptime.explain.explaining import explain
from uptime.explain.explanation import ExplainedWindow
from uptime.state.fleet import fleet_state, outages_of
from uptime.state.now import Now
from uptime.state.outages import Outages

MOST_POLLS = 50_000


@dataclass(frozen=True, kw_only=True)
class Shown:
    """``now``: the state, None if polls are gone. ``numbers``: of each window, the newest first.

    ``line`` and ``outages``: those of the drawn days. ``explained``: the window of the numbers that
    were asked for. ``trouble``: why there are none.
    """

    fleet: Fleet
    now: Now | None
    numbers: Sequence[Numbers]
    line: Timeline | None
    outages: Outages | None
    explained: ExplainedWindow | None = None
    trouble: str = ""


def read(store: Store, asked: Asked, as_of: datetime) -> Shown:
    """Return what the page shows; raises ``Gone`` if the store was deleted meanwhile."""
    recent = asked_of_snapshot(as_of)
    drawn = _drawn(recent, asked)
    extra = _extra(recent, asked)
    first = min(one.first_poll for one in (recent, drawn, extra) if one)
    fleet = fleet_of(store, start=first, end=recent.as_of)
    try:
        check_there(first)
    except PollsGone as error:
        return _without(fleet, recent, str(error))
    state = fleet_state(fleet, recent)
    summaries: list[tuple[Sequence[str], UptimeSummary, Question]] = [
        (RECENT, state.summary, recent)
    ]
    if extra:
        title = PICKED if asked.picked else SHOWN_WEEK
        summaries.append(((title,), summarise(fleet, extra), extra))
    line, trouble = _line(fleet, drawn)
    marked = drawn.stretch if line else None
    return Shown(
        fleet=fleet,
        now=state.now,
        numbers=[
            one
            for titles, summary, question in summaries
            for one in numbers_of(
                fleet, summary, question, titles, marked if _agree(question, drawn) else None
            )
        ],
        line=line,
        outages=outages_of(fleet, drawn) if line else None,
        explained=_explained(fleet, summaries, asked.why) if line else None,
        trouble=trouble,
    )


def _drawn(recent: Question, asked: Asked) -> Question:
    """Return the question whose timeline is drawn.

    It knows the polls that the numbers beside it know, so that its spans add up to them.
    """
    start, end = asked.days[0].start, asked.days[-1].end
    if asked.is_newest:
        first = recent.first_poll
    elif asked.picked and asked.is_drawn:
        first = asked.picked.start - recent.look_back
    else:
        first = start - recent.look_back
    window = Window(name="days", start=start, end=min(end, recent.as_of))
    return replace(recent, windows=(window,), look_back=start - first)


def _extra(recent: Question, asked: Asked) -> Question | None:
    """Return the question of the picked window or of the shown week, if it has its own numbers."""
    if asked.picked:
        return replace(recent, windows=(asked.picked,))
    return None if asked.is_newest else _drawn(recent, asked)


def _agree(question: Question, drawn: Question) -> bool:
    """Tell whether a timeline shows the polls of a question, and no others."""
    return question.first_poll == drawn.first_poll


def _line(fleet: Fleet, drawn: Question) -> tuple[Timeline | None, str]:
    at, stretch = fleet.polls.at, drawn.stretch
    if int(((at >= stretch.start) & (at < stretch.end)).sum()) > MOST_POLLS:
        return None, f"There are more than {MOST_POLLS:,} polls; pick fewer days."
    return timeline(fleet, drawn), ""


def _explained(
    fleet: Fleet, summaries: Sequence[tuple[Sequence[str], UptimeSummary, Question]], title: str
) -> ExplainedWindow | None:
    """Return why the numbers of that title are what they are; None without such numbers."""
    for titles, _, question in summaries:
        if title in titles:
            return explain(fleet, question).windows[titles.index(title)]
    return None


def _without(fleet: Fleet, recent: Question, trouble: str) -> Shown:
    """Return the state and the recent numbers alone, if at least their polls are there."""
    try:
        check_there(recent.first_poll)
    except PollsGone:
        return Shown(fleet=fleet, now=None, numbers=(), line=None, outages=None, trouble=trouble)
    state = fleet_state(fleet, recent)
    numbers = numbers_of(fleet, state.summary, recent, RECENT, None)
    return Shown(
        fleet=fleet, now=state.now, numbers=numbers, line=None, outages=None, trouble=trouble
    )
