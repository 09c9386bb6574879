"""An explanation as plain data, ready for JSON. Instants are RFC 3339, lengths microseconds."""

from typing import Any

from uptime.explain.explanation import (
    RULES,
    ExplainedOpening,
    ExplainedPoll,
    Explanation,
    Midpoint,
    Sums,
)
from uptime.explain.printed import printed_percentage, printed_totals
from uptime.explain.rows import RULES_OF_NOTES, RowOfDate
from uptime.explain.words import status, wall
from uptime.instants import from_microseconds
from uptime.open_time.zones import load_zone
from uptime.timelines.sketch import SeenPoll, Span
from uptime.windows.elapsed import Window


def told_explanation(explanation: Explanation, place: int) -> dict[str, Any]:
    """Return what explains one window."""
    window = explanation.windows[place]
    return {
        "store_id": explanation.store_id,
        "as_of": _instant(explanation.as_of),
        "time_zone": explanation.time_zone,
        "time_zone_is_default": explanation.is_default_zone,
        "look_back_us": explanation.look_back,
        "max_gap_us": explanation.max_gap,
        "polls_count_from": _instant(explanation.first_poll),
        "window": None if isinstance(window.window, Window) else window.window.text,
        "from": _instant(window.start),
        "to": _instant(window.end),
        **_sums(window.sums),
        "closed_us": window.closed,
        "uptime_percentage": printed_percentage(window),
        "printed": {total.column: total.printed for total in printed_totals(window)},
        "closed_special_days": [f"{day:%Y-%m-%d}" for day in window.closed_dates],
        "openings": [_opening(opening, explanation.time_zone) for opening in window.openings],
        "polls": [_poll(poll) for poll in window.polls],
    }


def _opening(opening: ExplainedOpening, zone: str) -> dict[str, Any]:
    local = from_microseconds(opening.start).astimezone(load_zone(zone))
    return {
        "date": f"{local:%Y-%m-%d}",
        "from": _instant(opening.start),
        "to": _instant(opening.end),
        "opens": None if opening.opens is None else _instant(opening.opens),
        "closes": None if opening.closes is None else _instant(opening.closes),
        "reason": opening.rule,
        "rule": RULES[opening.rule],
        "business_hours": [_row(row) for row in opening.rows],
        "special_days": [_row(row) for row in opening.special_rows],
        "spans": [_span(span) for span in opening.spans],
        "midpoints": [_midpoint(one) for one in opening.midpoints],
        **_sums(opening.sums),
    }


def _sums(sums: Sums) -> dict[str, int]:
    return {
        "up_us": sums.up,
        "down_us": sums.down,
        "unknown_us": sums.unknown,
        "excluded_us": sums.excluded,
        "open_us": sums.open,
    }


def _row(row: RowOfDate) -> dict[str, Any]:
    return {
        "date": f"{row.date:%Y-%m-%d}",
        "weekday": row.weekday,
        "opens": wall(row.opens),
        "closes": wall(row.closes),
        "from": _instant(row.start),
        "to": _instant(row.end),
        "notes": [{"note": note, "rule": RULES_OF_NOTES[note]} for note in row.notes],
    }


def _span(span: Span) -> dict[str, Any]:
    return {
        "from": _instant(span.start),
        "to": _instant(span.end),
        "state": span.state,
        "reason": span.rule,
        "rule": RULES[span.rule],
        "length_us": span.end - span.start,
        "poll": span.poll and _seen(span.poll),
    }


def _midpoint(midpoint: Midpoint) -> dict[str, Any]:
    return {
        "at": _instant(midpoint.at),
        "before": _seen(midpoint.before),
        "after": _seen(midpoint.after),
    }


def _poll(poll: ExplainedPoll) -> dict[str, Any]:
    return {**_seen(poll), "counts": poll.counts, "use": poll.use, "rule": poll.rule}


def _seen(poll: SeenPoll | ExplainedPoll) -> dict[str, str]:
    return {"polled_at": _instant(poll.at), "status": status(active=poll.active)}


def _instant(at: int) -> str:
    return from_microseconds(at).isoformat().replace("+00:00", "Z")
