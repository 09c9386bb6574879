"""From the database to the results of targets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from fleet.models import Store
from reports.build.planning import plan
from reports.build.selectors import load_fleet
from reports.request.kept import check_kept, check_there
from reports.request.parameters import question
from reports.request.selections import stores_of
from targets.models import Target
from targets.services import all_targets
from uptime import Fleet, Question, summarise
from uptime.targets.results import Results, judged, windows_of
from uptime.targets.target import STORE, TAG
from uptime.targets.target import Target as CoreTarget
from uptime.targets.to_come import FARTHEST


@dataclass(frozen=True, kw_only=True)
class Piece:
    """The results of some stores; ``store_ids``: that of each result."""

    store_ids: Sequence[str]
    results: Results


def question_of_targets(targets: Sequence[CoreTarget], as_of: datetime) -> Question:
    """Return the one question by which all targets are judged."""
    asked = question(as_of=as_of, windows=windows_of(targets), full=True)
    return replace(asked, targets=tuple(targets))


def results_of(target: Target, as_of: datetime) -> tuple[Question, list[Piece]]:
    """Return the results of the stores to which a target applies, and the question.

    Raises Target.DoesNotExist if it was deleted meanwhile, PollsGone, ValueError for windows that
    are invalid as of that instant, and what ``load_fleet`` raises.
    """
    targets = all_targets()
    asked = question_of_targets(targets, as_of)
    check_kept(asked)
    number = next((n for n, one in enumerate(targets) if one.name == target.name), None)
    if number is None:
        raise Target.DoesNotExist
    pieces = [_piece(fleet, asked, number) for fleet in _fleets(target.scope, asked)]
    check_there(asked.first_poll)
    return asked, pieces


def _piece(fleet: Fleet, asked: Question, number: int) -> Piece:
    results = judged(asked.targets, fleet, asked, summarise(fleet, asked))
    own = results.at((results.target == number).nonzero()[0])
    return Piece(store_ids=[fleet.store_ids[place] for place in own.store.tolist()], results=own)


def _fleets(scope: str, asked: Question) -> Iterator[Fleet]:
    """Yield the stores of a scope, in pieces that can be computed at once."""
    load = partial(load_fleet, start=asked.first_poll, end=asked.as_of, tagged=True, ahead=FARTHEST)
    if scope.startswith(STORE):
        key = Store.objects.filter(store_id=scope.removeprefix(STORE)).values_list("key", flat=True)
        for one in key:
            yield load(keys=(one, one))
        return
    chosen = stores_of({"tag": scope.removeprefix(TAG)}) if scope.startswith(TAG) else None
    for keys in plan(asked.first_poll, asked.as_of, chosen):
        yield load(keys=(keys.first, keys.last), stores=chosen)
