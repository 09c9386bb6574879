"""The stamp itself: parameters, policy, versions, and a fingerprint of the data.

The same files give the same stamp with a database and without one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.stamp.digests import data_read, joined
from reports.stamp.versions import CORE, TZDATA
from uptime import AnyWindow, Fleet, Question, Window
from uptime.instants import from_microseconds
from uptime.open_time.zones import DEFAULT_TIME_ZONE
from uptime.rules import RULES_VERSION

Stamp = dict[str, Any]
# The kinds of reports that depend on the tags of stores.
_BY_TAG = ("rollup", "targets")


def stamped(
    fleet: Fleet,
    question: Question,
    *,
    kind: str = "uptime",
    poller_outages: str,
    stores: Mapping[str, Any] | None = None,
) -> Stamp:
    """Return the stamp of the numbers of a fleet, ready for JSON; lengths are microseconds.

    ``kind``: of the report. ``poller_outages``: what their time counts as, ``fill`` or ``unknown``.
    ``stores``: which ones were asked for, as a report has it; None for all.
    """
    return {
        "kind": kind,
        "as_of": text_of(question.as_of),
        "windows": [_text_of_window(window) for window in question.windows],
        "columns": "full" if question.full else "classic",
        "stores": _selection(stores),
        "policy": {
            "filling": "nearest",
            "max_gap_us": question.max_gap,
            "look_back_us": question.look_back,
            # Only full columns say how much was measured.
            "fresh_us": question.fresh if question.full else None,
            "store_without_business_hours": "always open",
            "weekday_without_business_hours": "closed",
            "store_without_time_zone": DEFAULT_TIME_ZONE,
            "poller_outages": poller_outages,
            "special_days": "instead of the weekly hours of their date",
            "exclusions": "neither uptime nor downtime",
        },
        "rules": RULES_VERSION,
        "core_sha256": CORE,
        "tzdata": TZDATA,
        "data": data_read(fleet, question, tagged=kind in _BY_TAG),
    }


def whole(parts: Sequence[Stamp | None]) -> Stamp | None:
    """Return the stamp of a report computed in parts, at least one.

    None if a part has none, or if they were computed by different versions or settings: then no
    stamp would be true of all of them.
    """
    known = [part for part in parts if part is not None]
    first = known[0] if len(known) == len(parts) else None
    if first is None or any(_without_data(part) != _without_data(first) for part in known):
        return None
    return {**first, "data": joined([part["data"] for part in known])}


def finished(stamp: Stamp | None, *, row_count: int, sha256: str) -> Stamp | None:
    """Return the stamp with what came of it: the number of rows and the file's SHA-256."""
    return None if stamp is None else {**stamp, "row_count": row_count, "sha256": sha256}


def text_of(microseconds: int) -> str:
    """Return an instant in RFC 3339, to the microsecond."""
    return f"{from_microseconds(microseconds):%Y-%m-%dT%H:%M:%S.%f}Z"


def _without_data(stamp: Stamp) -> Stamp:
    return {name: value for name, value in stamp.items() if name != "data"}


def _text_of_window(window: AnyWindow) -> str:
    return window.name if isinstance(window, Window) else window.text


def _selection(stores: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the conditions, with the number of ids instead of up to thousands of them."""
    if stores is None:
        return None
    others = {name: value for name, value in stores.items() if name != "ids"}
    return {**others, "id_count": len(stores["ids"])} if "ids" in stores else others
