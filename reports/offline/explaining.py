"""``./run report DIR --explain STORE``: why the numbers of one store are what they are."""

import json
from collections.abc import Iterator
from itertools import islice

from feeds.errors import UnusableFile
from reports.offline.options import Explained
from uptime import Fleet, Polls, Question, UptimeSummary
from uptime.explain.checking import Difference, differences
from uptime.explain.explaining import explain
from uptime.explain.stores import one_store, polls_of
from uptime.explain.text import explanation_text
from uptime.explain.told import told_explanation
from uptime.windows.bounds import earliest_start

_DIFFERENCES_SHOWN = 20


class UnusableWindow(Exception):
    """A window that is invalid as of that instant; the text says why, for people."""


class ExplanationsDiffer(Exception):
    """Explanations that do not add up to the report; the text says which."""


def explanation(
    fleet: Fleet, question: Question, replaced: Polls | None, asked: Explained
) -> Iterator[bytes]:
    """Yield the explanation of a store.

    ``replaced``: polls of any store that another row replaced. Raises ``UnusableFile`` if there is
    no such store, and ``UnusableWindow``.
    """
    if asked.store_id not in fleet.store_ids:
        raise UnusableFile(f"No row of these files names a store {asked.store_id!r}.")
    store = fleet.store_ids.index(asked.store_id)
    try:
        earliest_start(question.windows, question.as_of)
    except ValueError as error:
        raise UnusableWindow(str(error)) from error
    found = explain(one_store(fleet, store), question, replaced and polls_of(replaced, store))
    if asked.as_json:
        yield f"{json.dumps(told_explanation(found, asked.place), indent=2)}\n".encode()
        return
    for line in explanation_text(found, asked.place):
        yield f"{line}\n".encode()


def check(fleet: Fleet, question: Question, summary: UptimeSummary) -> Iterator[bytes]:
    """Compare the explanations of all stores with a report, and yield a line for people.

    Raises ``ExplanationsDiffer`` if one does not add up to it.
    """
    found = list(islice(differences(fleet, question, summary), _DIFFERENCES_SHOWN))
    if found:
        raise ExplanationsDiffer("\n".join(_said(one, summary) for one in found))
    stores, windows = len(fleet.store_ids), len(summary.windows)
    yield (
        f"{stores:,} stores in {windows} windows: every explanation adds up to the report.\n"
    ).encode()


def _said(one: Difference, summary: UptimeSummary) -> str:
    return (
        f"{one.store_id}, {summary.windows[one.place].name}: {one.measure} is {one.reported}"
        f" microseconds in the report, and {one.explained} when explained."
    )
