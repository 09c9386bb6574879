"""Numbers and timelines of one store as plain data, in the form of ``history_serializers``.

Built by hand rather than serialized: a year's timeline has ten thousand spans.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from stores.history import History
from uptime import (
    BusinessHours,
    Fleet,
    Opening,
    Question,
    SeenPoll,
    Span,
    SpecialDays,
    UptimeSummary,
    Window,
)
from uptime.instants import from_microseconds
from uptime.open_time.special_days import CLOSED_ALL_DAY
from uptime.open_time.zones import DEFAULT_TIME_ZONE
from uptime.printing.rounding import percentage


def told_uptime(fleet: Fleet, summary: UptimeSummary, question: Question) -> dict[str, Any]:
    """Return the numbers of the one store of a fleet."""
    bounds = fleet.bounds(question)
    return {
        **_head(fleet, question),
        "last_poll": _last_poll(summary),
        "windows": [
            {
                "window": None if isinstance(window, Window) else window.text,
                "from": instant(int(bounds.start[place, 0])),
                "to": instant(int(bounds.end[place, 0])),
                **_numbers(summary, place, int((bounds.end - bounds.start)[place, 0])),
            }
            for place, window in enumerate(summary.windows)
        ],
    }


def told_timeline(history: History, question: Question) -> dict[str, Any]:
    """Return the timeline of one store."""
    line = history.timeline
    rows = _Rows(
        hours=_hours(history.fleet.hours), special_days=_special_days(history.fleet.special_days)
    )
    return {
        **_head(history.fleet, question),
        "from": instant(line.start),
        "to": instant(line.end),
        "up_us": line.up,
        "down_us": line.down,
        "unknown_us": line.unknown,
        "excluded_us": line.excluded,
        "open_us": line.open,
        "closed_us": line.closed,
        "spans": [_span(span, rows) for span in line.spans],
        "polls": [{**_poll(poll), "is_evidence": poll.is_evidence} for poll in line.polls],
    }


def instant(microseconds: int) -> str:
    """Return RFC 3339 in UTC, the API's format of instants."""
    return from_microseconds(microseconds).isoformat().replace("+00:00", "Z")


def _head(fleet: Fleet, question: Question) -> dict[str, Any]:
    zone = int(fleet.time_zones[0])
    return {
        "store_id": fleet.store_ids[0],
        "as_of": instant(question.as_of),
        "max_gap_us": question.max_gap,
        "time_zone": fleet.zone_names[zone] if zone >= 0 else DEFAULT_TIME_ZONE,
    }


def _numbers(summary: UptimeSummary, place: int, length: int) -> dict[str, Any]:
    quality = summary.quality
    if quality is None:
        raise ValueError("The numbers of one store need the full columns.")
    up, down, opened = summary.up[place], summary.down[place], summary.open[place]
    return {
        "up_us": int(up[0]),
        "down_us": int(down[0]),
        "unknown_us": int(summary.unknown[place, 0]),
        "excluded_us": int(summary.excluded[place, 0]),
        "open_us": int(opened[0]),
        "closed_us": length - int(opened[0]),
        "uptime_percentage": str(percentage(up, up + down)[0]),
        "coverage_percentage": str(percentage(quality.covered[place], summary.counted[place])[0]),
        "longest_gap_us": int(quality.longest_gap[place, 0]),
        "least_uptime_us": int(quality.least_up[place, 0]),
        "most_uptime_us": int(quality.most_up[place, 0]),
        "margin_us": int(quality.margin[place, 0]),
    }


def _last_poll(summary: UptimeSummary) -> dict[str, str] | None:
    quality = summary.quality
    if quality is None or quality.last_active[0] < 0:
        return None
    return _seen(int(quality.last_polled_at[0]), active=bool(quality.last_active[0]))


class _Rows(NamedTuple):
    """The rows of business hours and of special days, in the order that openings refer to."""

    hours: Sequence[dict[str, Any]]
    special_days: Sequence[dict[str, Any]]


def _hours(hours: BusinessHours) -> list[dict[str, Any]]:
    columns = (hours.weekday, hours.opens, hours.closes)
    return [
        {"weekday": weekday, "opens": _wall(opens), "closes": _wall(closes)}
        for weekday, opens, closes in zip(*(np.asarray(c).tolist() for c in columns), strict=True)
    ]


def _special_days(special: SpecialDays) -> list[dict[str, Any]]:
    columns = (special.date, special.opens, special.closes)
    return [
        {
            "date": f"{date(1970, 1, 1) + timedelta(days=day):%Y-%m-%d}",
            "opens": None if opens == CLOSED_ALL_DAY else _wall(opens),
            "closes": None if closes == CLOSED_ALL_DAY else _wall(closes),
        }
        for day, opens, closes in zip(*(c.tolist() for c in columns), strict=True)
    ]


def _span(span: Span, rows: _Rows) -> dict[str, Any]:
    return {
        "from": instant(span.start),
        "to": instant(span.end),
        "state": span.state,
        "rule": span.rule,
        "length_us": span.end - span.start,
        "poll": span.poll and _poll(span.poll),
        "opening": span.opening and _opening(span.opening, rows),
    }


def _opening(opening: Opening, rows: _Rows) -> dict[str, Any]:
    return {
        "from": None if opening.start is None else instant(opening.start),
        "to": None if opening.end is None else instant(opening.end),
        "rule": opening.rule,
        "business_hours": [rows.hours[place] for place in opening.rows],
        "special_days": [rows.special_days[place] for place in opening.special_rows],
    }


def _poll(poll: SeenPoll) -> dict[str, str]:
    return _seen(poll.at, active=poll.active)


def _seen(at: int, *, active: bool) -> dict[str, str]:
    return {"polled_at": instant(at), "status": "active" if active else "inactive"}


def _wall(microseconds: int) -> str:
    midnight = datetime(1970, 1, 1, tzinfo=UTC)
    return (midnight + timedelta(microseconds=microseconds)).time().isoformat()
