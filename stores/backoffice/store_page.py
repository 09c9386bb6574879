"""The admin page of one store: what it shows besides the settings, from one read of its rows."""

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fleet.extent import newest_poll
from fleet.models import Store
from reports.request.kept import PollsGone
from reports.request.parameters import question
from stores.backoffice.timeline_picture import clock, described_days, timeline_picture
from stores.backoffice.weekly_picture import weekly_picture, weekly_words
from stores.exclusions.words import shown_exclusions
from stores.history import Gone, History, timeline_of
from stores.local_days import LocalDay, last_days
from stores.special_days import in_words, recent_days_of
from stores.week import weekly_openings
from uptime import (
    DEFAULT_WINDOWS,
    HOUR,
    Timeline,
    UptimeSummary,
    Window,
    parse_windows,
    percentage,
    summarise,
)
from uptime.instants import to_microseconds
from uptime.open_time.zones import DEFAULT_TIME_ZONE
from uptime.printing.rounding import hundredths

# Today is incomplete, so this includes seven whole days.
DAYS = 8
_WEEK = 7 * 24 * HOUR
POLLS_SHOWN = 50
SPANS_SHOWN = 500


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """The full numbers of one window as text, times in hours."""

    window: str
    up: str
    down: str
    unknown: str
    excluded: str
    open: str
    percentage: str
    coverage: str
    longest_gap: str
    least_up: str
    most_up: str
    margin: str


def shown_with(store: Store, openings_of: Any) -> dict[str, Any]:
    """Return pictures, their descriptions, numbers and polls; only the week if never polled."""
    openings = weekly_openings(openings_of)
    zone = store.time_zone_id or DEFAULT_TIME_ZONE
    shown = {
        "zone": zone,
        "week_picture": weekly_picture(openings),
        "week_words": weekly_words(openings),
        "special_days": in_words(recent_days_of(store)),
    }
    newest = newest_poll()
    if newest is None:
        return shown
    asked = question(as_of=newest, windows=parse_windows(DEFAULT_WINDOWS), full=True)
    as_of = asked.as_of
    days = last_days(as_of, zone, DAYS)
    # If clocks went forward, seven days are an hour less than the longest window.
    start = min(days[0].start, as_of - _WEEK)
    try:
        history = timeline_of(
            store,
            replace(
                asked,
                windows=(Window(name="days", start=start, end=days[-1].end),),
                # The polls of the report, so that the picture agrees with the numbers.
                look_back=start - asked.first_poll,
            ),
        )
    except Gone:
        return shown
    except PollsGone as error:
        return {**shown, "as_of": newest, "polls_gone": str(error)}
    numbers = _numbers(summarise(history.fleet, asked))
    return {
        **shown,
        **_of_history(history, days, zone),
        "numbers": numbers,
        "as_of": newest,
        "exclusions": [
            (one, [[clock(to_microseconds(edge), zone) for edge in each] for each in one.stretches])
            for one in shown_exclusions(store, start, days[-1].end)
        ],
    }


def _of_history(history: History, days: tuple[LocalDay, ...], zone: str) -> dict[str, Any]:
    line = history.timeline
    return {
        "timeline_picture": timeline_picture(line, days, zone),
        "timeline_words": described_days(line, days),
        "spans": list(islice(_spans(line, zone), SPANS_SHOWN)),
        "more_spans": max(len(line.spans) - SPANS_SHOWN, 0),
        "polls": [
            {"at": clock(poll.at, zone), "active": poll.active, "used": poll.is_evidence}
            for poll in reversed(line.polls[-POLLS_SHOWN:])
        ],
    }


def _spans(line: Timeline, zone: str) -> Any:
    """Yield every span in words, newest first."""
    for span in reversed(line.spans):
        yield {
            "start": clock(span.start, zone),
            "end": clock(span.end, zone),
            "state": span.state,
            "rule": span.rule.replace("_", " "),
            "poll": clock(span.poll.at, zone) if span.poll else "",
        }


def _numbers(summary: UptimeSummary) -> list[Numbers]:
    quality = summary.quality
    if quality is None:
        raise ValueError("the numbers of one store need the full columns")
    known = summary.up + summary.down
    return [
        Numbers(
            window=window.text,
            up=_hours(summary.up, place),
            down=_hours(summary.down, place),
            unknown=_hours(summary.unknown, place),
            excluded=_hours(summary.excluded, place),
            open=_hours(summary.open, place),
            percentage=str(percentage(summary.up[place], known[place])[0]),
            coverage=str(percentage(quality.covered[place], summary.counted[place])[0]),
            longest_gap=_hours(quality.longest_gap, place),
            least_up=_hours(quality.least_up, place),
            most_up=_hours(quality.most_up, place),
            margin=_hours(quality.margin, place),
        )
        for place, window in enumerate(parse_windows(DEFAULT_WINDOWS))
    ]


def _hours(lengths: NDArray[np.int64], place: int) -> str:
    return str(hundredths(lengths[place], HOUR)[0])
