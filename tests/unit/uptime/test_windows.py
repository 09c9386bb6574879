"""Windows: their texts, their names, and where they begin and end."""

import pytest

from tests import reference_windows
from tests.reference import DAY, Poll, Store
from tests.unit.uptime.cases.windows import WINDOWS, WindowCase
from tests.unit.uptime.fleets import bounds, fleet_of
from tests.unit.uptime.notation import at
from uptime import DEFAULT_WINDOWS, HOUR, MINUTE, Question, Window, parse_windows, summarise
from uptime.windows.bounds import earliest_start

RELATIVE = ("today", "yesterday", "this-week", "last-week", "this-month", "last-month")


@pytest.mark.parametrize(
    ("text", "canonical", "name", "unit"),
    [
        ("1h", "1h", "last_hour", MINUTE),
        ("60m", "1h", "last_hour", MINUTE),
        ("24h", "24h", "last_day", HOUR),
        ("1d", "24h", "last_day", HOUR),
        ("1440m", "24h", "last_day", HOUR),
        ("7d", "7d", "last_week", HOUR),
        ("1w", "7d", "last_week", HOUR),
        ("168h", "7d", "last_week", HOUR),
        ("1m", "1m", "last_1m", MINUTE),
        ("90m", "90m", "last_90m", HOUR),
        ("120m", "2h", "last_2h", HOUR),
        ("0030m", "30m", "last_30m", MINUTE),
        ("48h", "2d", "last_2d", HOUR),
        ("36h", "36h", "last_36h", HOUR),
        ("4w", "28d", "last_28d", HOUR),
        ("366d", "366d", "last_366d", HOUR),
        ("today", "today", "today", HOUR),
        ("this-week", "this-week", "this_week", HOUR),
        ("this-month", "this-month", "this_month", HOUR),
        ("yesterday", "yesterday", "yesterday", HOUR),
        ("last-week", "last-week", "last_calendar_week", HOUR),
        ("last-month", "last-month", "last_calendar_month", HOUR),
        ("2024-03-10", "2024-03-10", "2024_03_10", HOUR),
        ("2024-W10", "2024-W10", "2024_W10", HOUR),
        ("2024-03", "2024-03", "2024_03", HOUR),
    ],
)
def test_it_reads_a_window(text: str, canonical: str, name: str, unit: int):
    (window,) = parse_windows([text])
    assert (window.text, window.name, window.unit) == (canonical, name, unit)
    assert parse_windows([canonical]) == (window,)
    assert window.is_calendar == (text[0] in "tyl" or "-" in text)


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ([], "1 to 12 windows, not 0"),
        ([f"{n}h" for n in range(1, 14)], "1 to 12 windows, not 13"),
        (["0h"], "1 minute to 366 days"),
        (["367d"], "1 minute to 366 days"),
        (["999999w"], "1 minute to 366 days"),
        (["1h", "24h", "60m"], "'60m' is repeated: '1h' is the same"),
        (["yesterday", "yesterday"], "is repeated"),
        (["2024-02-30"], "does not exist"),
        (["2023-W53"], "does not exist"),
        (["2024-13"], "does not exist"),
        (["1969-12-31"], "does not exist"),
        (["2200-01"], "does not exist"),
        (["9999-12-31"], "does not exist"),
        *(
            ([text], "is not a window")
            for text in ("", "1", "h", "1s", "1.5h", "-1h", "1 h", " 1h", "1H", "٣h", "1h\n")
        ),
        *(
            ([text], "is not a window")
            for text in ("tomorrow", "2024", "2024-3", "2024-W1", "20240310")
        ),
    ],
)
def test_it_says_what_is_wrong_with_a_window(texts: list[str], problem: str):
    with pytest.raises(ValueError, match=problem):
        parse_windows(texts)


def test_it_has_the_classic_windows_by_default():
    names = [window.name for window in parse_windows(DEFAULT_WINDOWS)]
    assert names == ["last_hour", "last_day", "last_week"]


def test_it_names_no_two_windows_alike():
    texts = ["1h", "24h", "7d", "30d", *RELATIVE, "2024-W10", "2024-03"]
    windows = parse_windows(texts)
    assert len({window.name for window in windows}) == len(texts)


@pytest.mark.parametrize(
    "case", WINDOWS, ids=lambda case: f"{case.text} in {case.zone}: {case.why}"
)
def test_it_begins_and_ends_where_the_case_says(case: WindowCase):
    expected = (at(case.start), at(case.end))
    as_of = at(case.as_of)
    assert bounds(case.text, as_of=as_of, zones=[case.zone]) == [expected]
    assert reference_windows.bounds_of(case.text, as_of=as_of, zone_name=case.zone) == expected


def test_it_loses_nothing_of_a_window_on_any_calendar():
    zones = [
        None,
        "Pacific/Apia",
        "America/Santiago",
        "Asia/Beirut",
        "Asia/Kathmandu",
        "Etc/GMT+12",
    ]
    some = [
        Store(time_zone=zone, polls=[Poll(at=at("2024-03-30 12:00"), active=True)])
        for zone in zones
    ]
    fleet, as_of = fleet_of(some), at("2024-03-31 12:00")
    windows = parse_windows([*RELATIVE, "2024-03-31", "2024-W13", "2024-03"])
    summary, found = (
        summarise(fleet, Question(as_of=as_of, windows=windows)),
        fleet.bounds(Question(as_of=as_of, windows=windows)),
    )
    assert (summary.open == found.end - found.start).all()
    assert (summary.up + summary.down + summary.unknown == summary.open).all()


def test_it_is_empty_where_a_window_has_not_begun():
    """It is still Saturday west of Kiribati."""
    found = bounds("2024-03-31", as_of=at("2024-03-30 20:00"), zones=["Pacific/Kiritimati", "UTC"])
    noon = at("2024-03-30 20:00")
    assert found == [(at("2024-03-30 10:00"), noon), (noon, noon)]


@pytest.mark.parametrize("text", ["2024-04-02", "2024-W14", "2024-04"])
def test_it_refuses_a_window_that_has_begun_nowhere(text: str):
    with pytest.raises(ValueError, match="begins after the instant of the report"):
        earliest_start(parse_windows([text]), at("2024-03-31 00:00"))


def test_it_refuses_a_window_so_old_that_years_would_be_read():
    windows = parse_windows(["1h", "2022-W10"])
    with pytest.raises(ValueError, match="2022-W10 begins more than 400 days before"):
        earliest_start(windows, at("2024-03-31 00:00"))


def test_it_takes_a_window_between_two_instants_of_any_age():
    window = Window(name="long ago", start=at("2019-01-01 00:00"), end=at("2019-01-02 00:00"))
    assert earliest_start([window], at("2024-03-31 00:00")) == window.start


def test_it_cuts_a_window_between_two_instants_at_as_of():
    window = Window(name="w", start=at("2024-03-30 00:00"), end=at("2024-04-02 00:00"))
    asked = Question(as_of=at("2024-03-31 00:00"), windows=[window])
    summary = summarise(fleet_of([Store()]), asked)
    assert summary.open.tolist() == [[DAY]]


def test_it_refuses_to_compute_no_window():
    with pytest.raises(ValueError, match="at least one window"):
        summarise(fleet_of([Store()]), Question(as_of=0, windows=[]))


def test_it_takes_no_stores():
    fleet = fleet_of([])
    asked = Question(as_of=0, windows=parse_windows(["1h", "yesterday"]), full=True)
    summary = summarise(fleet, asked)
    assert summary.open.shape == (2, 0)
    assert summary.quality is not None
    assert summary.quality.margin.shape == (2, 0)
