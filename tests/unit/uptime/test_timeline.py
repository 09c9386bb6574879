"""The timeline of one store: what it shows, and that it adds up to the numbers of a report."""

import pytest

from tests.reference import DAY, HOUR, MINUTE, Poll, Store
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.notation import at, hours, polls
from uptime import Opening, Question, SeenPoll, Span, Timeline, Window, parse_windows, timeline

NINE, NOON = "2023-01-24 09:00", "2023-01-24 12:00"


def drawn(store: Store, start: str, end: str, **question: object) -> Timeline:
    window = Window(name="w", start=at(start), end=at(end))
    asked = Question(**{"as_of": at(end), **question}, windows=[window])
    return timeline(fleet_of([store]), asked)


def told(found: Timeline) -> list[tuple[int, int, str, str]]:
    return [(span.start, span.end, span.state, span.rule) for span in found.spans]


def line(start: str, end: str, state: str, rule: str) -> tuple[int, int, str, str]:
    return at(f"2023-01-24 {start}"), at(f"2023-01-24 {end}"), state, rule


def test_it_explains_the_mission_example():
    store = Store(
        time_zone="UTC",
        hours=hours("Mon 10:00-11:00, Tue 09:00-12:00, Tue 11:00-12:00"),
        polls=polls("2023-01-24 08:00 down, 10:14 up, 11:15 down"),
    )
    found = drawn(store, "2023-01-24 08:30", "2023-01-24 12:30")

    opening = Opening(start=at(NINE), end=at(NOON), rows=(1, 2), rule="business_hours")
    up = SeenPoll(at=at("2023-01-24 10:14"), active=True, is_evidence=True)
    down = SeenPoll(at=at("2023-01-24 11:15"), active=False, is_evidence=True)
    assert told(found) == [
        line("08:30", "09:00", "closed", "outside_hours"),
        line("09:00", "10:44:30", "up", "nearest_poll"),
        line("10:44:30", "12:00", "down", "nearest_poll"),
        line("12:00", "12:30", "closed", "outside_hours"),
    ]
    assert [span.poll for span in found.spans] == [None, up, down, None]
    assert [span.opening for span in found.spans] == [None, opening, opening, None]
    assert found.polls == (up, down)
    assert (found.up, found.down, found.unknown, found.closed, found.open) == (
        104 * MINUTE + 30 * 10**6,
        75 * MINUTE + 30 * 10**6,
        0,
        HOUR,
        3 * HOUR,
    )


def test_it_lists_polls_outside_hours_as_no_evidence():
    store = Store(
        time_zone="UTC",
        hours=hours("daily 09:00-12:00"),
        polls=polls("2023-01-24 12:00 down, 10:00 up, 08:59:59.999999 down"),
    )
    found = drawn(store, "2023-01-24 00:00", "2023-01-24 23:00")
    assert [(poll.at, poll.is_evidence) for poll in found.polls] == [
        (at("2023-01-24 08:59:59.999999"), False),
        (at("2023-01-24 10:00"), True),
        (at("2023-01-24 12:00"), False),
    ]


def test_it_lists_the_polls_at_both_ends_and_none_beyond():
    store = Store(
        polls=polls("2023-01-24 08:59:59.999999 up, 09:00 up, 12:00 up, 12:00:00.000001 up")
    )
    found = drawn(store, NINE, NOON)
    assert [poll.at for poll in found.polls] == [at(NINE), at(NOON)]


def test_it_names_the_poll_that_speaks_from_outside():
    store = Store(polls=polls("2023-01-24 06:00 up, 13:00 down"))
    found = drawn(store, NINE, NOON, as_of=at("2023-01-24 13:00"))
    assert told(found) == [
        line("09:00", "09:30", "up", "nearest_poll"),
        line("09:30", "12:00", "down", "nearest_poll"),
    ]
    assert [span.poll.at for span in found.spans if span.poll] == [
        at("2023-01-24 06:00"),
        at("2023-01-24 13:00"),
    ]
    assert found.polls == ()


def test_it_does_not_know_polls_older_than_the_look_back():
    store = Store(polls=polls("2023-01-24 06:00 up"))
    (span,) = drawn(store, NINE, NOON, look_back=3 * HOUR - 1).spans
    assert (span.state, span.rule, span.poll) == ("unknown", "no_evidence", None)
    (span,) = drawn(store, NINE, NOON, look_back=3 * HOUR).spans
    assert span.state == "up"


def test_it_is_cut_at_as_of():
    store = Store(polls=polls("2023-01-24 10:00 up, 11:00 down"))
    found = drawn(store, NINE, NOON, as_of=at("2023-01-24 10:20"))
    assert (found.start, found.end) == (at(NINE), at("2023-01-24 10:20"))
    assert told(found) == [line("09:00", "10:20", "up", "nearest_poll")]
    assert len(found.polls) == 1


def test_it_gives_what_a_limit_leaves_unknown_one_span():
    store = Store(polls=polls("2023-01-24 09:30 up, 11:30 down"))
    found = drawn(store, NINE, NOON, max_gap=20 * MINUTE)
    assert told(found) == [
        line("09:00", "09:10", "unknown", "max_gap"),
        line("09:10", "09:50", "up", "nearest_poll"),
        line("09:50", "11:10", "unknown", "max_gap"),
        line("11:10", "11:50", "down", "nearest_poll"),
        line("11:50", "12:00", "unknown", "max_gap"),
    ]


def test_it_says_nothing_of_a_store_without_polls():
    found = drawn(Store(time_zone="UTC", hours=hours("daily 09:00-12:00")), NINE, NOON)
    assert told(found) == [line("09:00", "12:00", "unknown", "no_evidence")]
    assert found.unknown == found.open == 3 * HOUR


def test_it_says_that_a_store_without_hours_is_always_open():
    (span,) = drawn(Store(polls=polls("2023-01-24 10:00 up")), NINE, NOON).spans
    assert span.opening == Opening(start=None, end=None, rows=(), rule="always_open")


def test_it_says_what_makes_hours_that_never_end():
    store = Store(time_zone="UTC", hours=hours("daily 00:00-23:59"))
    (span,) = drawn(store, NINE, NOON).spans
    assert span.opening == Opening(
        start=None, end=None, rows=(0, 1, 2, 3, 4, 5, 6), rule="business_hours"
    )


def test_it_shows_an_opening_whole_that_began_before_and_has_not_ended():
    """From Monday 22:00 to Tuesday 14:00, of which three hours are asked about."""
    store = Store(time_zone="UTC", hours=hours("Mon 22:00-02:00, Tue 02:00-14:00"))
    (span,) = drawn(store, NINE, NOON).spans
    assert span.opening == Opening(
        start=at("2023-01-23 22:00"), end=at("2023-01-24 14:00"), rows=(0, 1), rule="business_hours"
    )


def test_it_keeps_openings_apart_that_the_same_poll_speaks_for():
    store = Store(
        time_zone="UTC",
        hours=hours("daily 09:00-10:00, daily 11:00-12:00"),
        polls=polls("2023-01-24 09:30 up"),
    )
    states = [span.state for span in drawn(store, NINE, NOON).spans]
    assert states == ["up", "closed", "up"]


def test_it_has_a_span_for_each_poll_that_says_the_same():
    store = Store(polls=polls("2023-01-24 09:30 up, 10:30 up, 11:30 up"))
    assert told(drawn(store, NINE, NOON)) == [
        line("09:00", "10:00", "up", "nearest_poll"),
        line("10:00", "11:00", "up", "nearest_poll"),
        line("11:00", "12:00", "up", "nearest_poll"),
    ]


def test_it_has_an_hour_more_on_the_day_the_clocks_go_back():
    store = Store(
        time_zone="America/New_York",
        hours=hours("Sun 00:00-23:59"),
        polls=polls("2024-11-03 12:00 up"),
    )
    found = drawn(store, "2024-11-03 00:00", "2024-11-05 00:00")
    opening = found.spans[1].opening
    assert opening is not None
    assert (opening.start, opening.end) == (at("2024-11-03 04:00"), at("2024-11-04 05:00"))
    assert found.up == 25 * HOUR


def test_it_draws_a_year_of_hourly_polls():
    as_of = 20_000 * DAY
    seen = [Poll(at=as_of - n * HOUR, active=n % 7 > 0) for n in range(366 * 24)]
    fleet = fleet_of(
        [Store(time_zone="Europe/London", hours=hours("daily 08:00-20:00"), polls=seen)]
    )
    window = Window(name="w", start=as_of - 365 * DAY, end=as_of)
    found = timeline(fleet, Question(as_of=as_of, windows=[window]))
    assert len(found.spans) > 365 * 12
    assert len(found.polls) == 365 * 24 + 1


def test_it_is_empty_for_no_time():
    found = drawn(Store(polls=polls("2023-01-24 10:00 up")), NINE, NINE)
    assert found.spans == ()
    assert found.open == 0


@pytest.mark.parametrize(
    ("stores", "start", "end", "as_of"),
    [(0, 0, 1, 1), (2, 0, 1, 1), (1, 2, 3, 1)],
)
def test_it_refuses_what_is_no_stretch_of_one_store(stores: int, start: int, end: int, as_of: int):
    asked = Question(as_of=as_of, windows=[Window(name="w", start=start, end=end)])
    with pytest.raises(ValueError, match="covers one store and begins before its end"):
        timeline(fleet_of([Store()] * stores), asked)


@pytest.mark.parametrize("texts", [["1h"], ["1h", "24h"]])
def test_it_refuses_windows_that_are_not_one_between_two_instants(texts: list[str]):
    with pytest.raises(ValueError, match="one window between two instants"):
        timeline(fleet_of([Store()]), Question(as_of=0, windows=parse_windows(texts)))


def test_its_spans_are_plain_values():
    """They are compared, kept and sent elsewhere."""
    store = Store(polls=polls("2023-01-24 10:00 up"))
    (span,) = drawn(store, NINE, NOON).spans
    assert span == Span(
        start=at(NINE),
        end=at(NOON),
        state="up",
        rule="nearest_poll",
        poll=SeenPoll(at=at("2023-01-24 10:00"), active=True, is_evidence=True),
        opening=Opening(start=None, end=None, rows=(), rule="always_open"),
    )
    assert {type(span.start), type(span.poll.at), type(span.poll.active)} == {int, bool}
