"""What targets are judged by, as columns of a snapshot's table and in its head."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import pyarrow as pa

from reports.request.kept import check_kept
from reports.request.targets import told
from reports.targets.computing import question_of_targets
from targets.services import all_targets
from uptime import Fleet, Question, summarise
from uptime.targets.choosing import chosen
from uptime.targets.judging import Measured
from uptime.targets.measuring import measure
from uptime.targets.results import windows_of

MEASURES = tuple(field.name for field in fields(Measured))


def target_column(window: str) -> str:
    """Return the name of the column with the place of each store's target, -1 for none."""
    return f"target {window}"


def measure_column(measured: str, window: str) -> str:
    return f"target {measured} {window}"


def asked_of_targets(as_of: datetime) -> tuple[Question | None, dict[str, Any]]:
    """Return the question of all targets, and what a head says of them.

    The question is None without targets, and if polls that it needs are no longer kept.
    """
    targets = all_targets()
    said = {"set": told(targets), "windows": [w.text for w in windows_of(targets)], "untold": ""}
    if not targets:
        return None, said
    question = question_of_targets(targets, as_of)
    try:
        check_kept(question)
    except ValueError as error:  # PollsGone is one.
        return None, {**said, "untold": str(error)}
    return question, said


def columns_of_targets(
    fleet: Fleet, question: Question | None, said: Mapping[str, Any]
) -> dict[str, pa.Array]:
    """Return the target of each store and what is measured, for each window."""
    if question is None:
        return {}
    windows: Sequence[str] = said["windows"]
    measured = measure(fleet, question, summarise(fleet, question))
    found: dict[str, pa.Array] = {}
    for window, numbers in zip(windows, measured, strict=True):
        place = chosen(question.targets, window, fleet.store_ids, fleet.tags)
        found[target_column(window)] = pa.array(place)
        for name in MEASURES:
            found[measure_column(name, window)] = pa.array(getattr(numbers, name))
    return found
