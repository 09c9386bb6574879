"""The pictures of the admin's store page: what they show, and that words say the same."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, time
from itertools import pairwise

import numpy as np
import pytest

from stores.backoffice.timeline_picture import described_days, timeline_picture
from stores.backoffice.weekly_picture import weekly_picture, weekly_words
from stores.local_days import last_days
from stores.week import weekly_openings
from uptime import BusinessHours, Fleet, Polls, Question, Window, timeline

NS = "{http://www.w3.org/2000/svg}"
HOUR = 3_600_000_000
AN_HOUR_WIDE = 20


def at(text: str) -> int:
    instant = datetime.fromisoformat(text)
    return round(instant.replace(tzinfo=instant.tzinfo or UTC).timestamp()) * 1_000_000


def fleet(zone: str, hours=(), polls=()) -> Fleet:
    """One store: hours as (weekday, from, to) in whole hours, polls as (instant, active)."""
    return Fleet(
        store_ids=["a"],
        time_zones=np.zeros(1, np.int32),
        zone_names=[zone],
        hours=BusinessHours(
            store=np.zeros(len(hours), np.int32),
            weekday=np.array([row[0] for row in hours], np.int8),
            opens=np.array([row[1] * HOUR for row in hours], np.int64),
            closes=np.array([row[2] * HOUR for row in hours], np.int64),
        ),
        polls=Polls(
            store=np.zeros(len(polls), np.int32),
            at=np.array([at(instant) for instant, _ in polls], np.int64),
            active=np.array([active for _, active in polls], bool),
        ),
    )


def drawn_over(one: Fleet, as_of: str, days):
    window = Window(name="days", start=days[0].start, end=days[-1].end)
    return timeline(one, Question(as_of=at(as_of), windows=[window]))


def drawn(one: Fleet, as_of: str, zone: str, days: int = 8):
    shown = last_days(at(as_of), zone, days)
    line = drawn_over(one, as_of, shown)
    return ET.fromstring(timeline_picture(line, shown, zone)), line, shown


def bars(svg, kind: str) -> list[tuple[float, float]]:
    """Where the bars of a class begin and how wide they are, in hours."""
    found = [rect for rect in svg.iter(f"{NS}rect") if rect.get("class") == kind]
    left = 76
    return [
        ((float(rect.get("x")) - left) / AN_HOUR_WIDE, float(rect.get("width")) / AN_HOUR_WIDE)
        for rect in found
    ]


# The week


def test_it_draws_each_opening_as_a_bar_of_its_length():
    openings = weekly_openings([(0, time(9), time(17)), (0, time(20), time(23, 59))])
    svg = ET.fromstring(weekly_picture(openings))
    found = [rect for rect in svg.iter(f"{NS}rect") if rect.get("class") == "open"]
    assert [float(rect.get("width")) for rect in found] == [160, 80]
    assert {rect.get("y") for rect in found} == {"22"}


@pytest.mark.parametrize(
    ("rows", "day", "words"),
    [
        ([(0, time(9), time(17))], "Monday", "09:00-17:00"),
        ([(0, time(9), time(17))], "Tuesday", "closed"),
        ([(0, time(9), time(17)), (0, time(12), time(20))], "Monday", "09:00-20:00"),
        ([(5, time(22), time(4))], "Saturday", "22:00-24:00"),
        ([(5, time(22), time(4))], "Sunday", "00:00-04:00"),
        ([(6, time(22), time(4))], "Monday", "00:00-04:00"),
        ([(2, time(0), time(0))], "Wednesday", "00:00-24:00"),
        ([(2, time(9, 30, 15), time(10))], "Wednesday", "09:30:15-10:00"),
        ([], "Friday", "00:00-24:00"),
    ],
)
def test_it_says_the_week_in_words(rows, day, words):
    openings = weekly_openings(rows)
    assert dict(weekly_words(openings))[day] == words
    assert f"{day}: {words}." in weekly_picture(openings)


# The days


@pytest.mark.parametrize(
    ("zone", "as_of", "hours"),
    [
        ("America/Chicago", "2024-03-11T12:00", [24, 23, 24]),
        ("America/Chicago", "2024-11-04T12:00", [24, 25, 24]),
        ("Asia/Beirut", "2024-04-01T12:00", [24, 23, 24]),
        ("Australia/Lord_Howe", "2024-04-08T00:00", [24, 24.5, 24]),
        ("Asia/Kathmandu", "2024-04-08T12:00", [24, 24, 24]),
        ("Pacific/Apia", "2011-12-31T12:00", [24, 24]),
    ],
)
def test_it_gives_each_day_the_length_that_it_has(zone, as_of, hours):
    days = last_days(at(as_of), zone, 3)
    assert [(day.end - day.start) / HOUR for day in days] == hours
    assert all(one.end == other.start for one, other in pairwise(days))


def test_it_says_in_words_where_a_day_has_another_length():
    svg, _, _ = drawn(fleet("America/Chicago"), "2024-03-11T12:00+00:00", "America/Chicago", 3)
    labels = [text.text for text in svg.iter(f"{NS}text") if text.get("class") == "day"]
    assert labels == ["Sat 03-09", "Sun 03-10 23 h", "Mon 03-11"]


# The timeline


def test_it_draws_up_down_unknown_and_closed():
    one = fleet(
        "Europe/Berlin",
        hours=[(day, 9, 17) for day in range(7)],
        polls=[("2024-01-10T09:00", True), ("2024-01-10T13:00", False)],
    )
    svg, _, _ = drawn(one, "2024-01-10T15:00+00:00", "Europe/Berlin", 1)
    # Open 09:00-17:00 in Berlin; polls at 10:00 and 14:00, half-way at 12:00; now 16:00.
    assert bars(svg, "up") == [(9, 3)]
    assert bars(svg, "down") == [(12, 4)]
    assert bars(svg, "closed") == [(0, 9)]
    assert bars(svg, "unknown") == []


def test_it_draws_what_nobody_knows():
    svg, _, _ = drawn(fleet("UTC"), "2024-01-10T15:00", "UTC", 1)
    assert bars(svg, "unknown") == [(0, 15)]


def test_it_can_be_read_without_colours():
    """Each state has its own height, and the two similar ones have a pattern."""
    one = fleet(
        "UTC",
        hours=[(2, 0, 12)],
        polls=[("2024-01-10T01:00", True), ("2024-01-10T09:00", False)],
    )
    shown = last_days(at("2024-01-10T15:00"), "UTC", 1)
    line = drawn_over(one, "2024-01-10T15:00", shown)
    svg = ET.fromstring(timeline_picture(line, shown, "UTC"))
    rects = [r for r in svg.iter(f"{NS}rect") if r.get("class") in {"up", "down", "closed"}]
    heights = {rect.get("class"): float(rect.get("height")) for rect in rects}
    assert heights["up"] > heights["down"] > heights["closed"] > 0
    assert {r.get("fill") for r in rects if r.get("class") == "down"} == {"url(#hatched)"}
    assert svg.find(f".//{NS}pattern[@id='hatched']") is not None


def test_it_is_an_image_with_a_name_and_a_description():
    svg, line, days = drawn(fleet("UTC"), "2024-01-10T15:00", "UTC", 3)
    assert svg.get("role") == "img"
    names = {one.get("id"): one.text for one in svg if one.tag in {f"{NS}title", f"{NS}desc"}}
    assert svg.get("aria-labelledby").split() == list(names)
    for day, words in described_days(line, days):
        assert f"{day}: {words}." in names["timeline-desc"]


def test_its_words_add_up_to_the_timeline():
    one = fleet(
        "America/Chicago",
        hours=[(day, 9, 17) for day in range(7)],
        polls=[(f"2024-03-{day:02}T18:00", day % 2 == 0) for day in range(5, 12)],
    )
    _, line, days = drawn(one, "2024-03-12T03:00+00:00", "America/Chicago")
    said = [words for _, words in described_days(line, days)]
    for state in ("up", "down", "closed"):
        total = sum(
            float(part.split()[1])
            for words in said
            for part in words.split(", ")
            if part.startswith(state)
        )
        assert total == pytest.approx(getattr(line, state) / HOUR, abs=0.04)


def test_it_marks_each_poll_above_or_below_by_what_it_saw():
    one = fleet(
        "UTC",
        hours=[(2, 9, 17)],
        polls=[("2024-01-10T10:00", True), ("2024-01-10T12:00", False), ("2024-01-10T03:00", True)],
    )
    svg, _, _ = drawn(one, "2024-01-10T15:00", "UTC", 1)
    paths = [
        (p.get("class"), p.get("d")) for p in svg.iter(f"{NS}path") if "poll" in p.get("class")
    ]
    assert paths == [
        ("poll", "M276 21v4"),
        ("poll unused", "M136 21v4"),
        ("poll", "M316 45v4"),
    ]


def test_it_draws_no_more_strokes_than_can_be_told_apart():
    polls = [
        (f"2024-01-10T{n // 60:02}:{n % 60:02}:{s:02}", True) for n in range(900) for s in (0, 30)
    ]
    svg, _, _ = drawn(fleet("UTC", polls=polls), "2024-01-10T15:00", "UTC", 1)
    [path] = [p for p in svg.iter(f"{NS}path") if p.get("class") == "poll"]
    assert path.get("d").count("M") <= 15 * AN_HOUR_WIDE / 0.5 + 1
    assert len(bars(svg, "up")) == 1


def test_it_holds_no_style_and_no_script():
    svg, _, _ = drawn(fleet("UTC"), "2024-01-10T15:00", "UTC")
    tags = {one.tag for one in svg.iter()}
    assert not tags & {f"{NS}style", f"{NS}script"}
    assert not [one for one in svg.iter() if one.get("style") or one.get("onclick")]
