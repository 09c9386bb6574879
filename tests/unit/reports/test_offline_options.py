"""Options of ``./run report`` beyond the classic columns of the classic windows."""

import pytest

from reports.build.cutting import most_stores
from reports.offline import command as offline
from uptime import HOUR, columns, parse_windows

STATUS = "store_id,status,timestamp_utc\n"
POLLS = (
    f"{STATUS}a,active,2024-01-15 07:30:00 UTC\na,inactive,2024-01-15 08:00:00 UTC\n"
    "b,active,2024-01-15 10:00:00 UTC\n"
)


@pytest.fixture
def ask(tmp_path, capfdbinary):
    """Run it on these polls; return the exit code, rows by store, and the output."""
    (tmp_path / "polls.csv").write_text(POLLS)

    def ask(*arguments):
        code = offline.main([str(tmp_path), *arguments])
        out, err = capfdbinary.readouterr()
        rows = [line.split(",") for line in out.decode().splitlines()]
        return code, {row[0]: row[1:] for row in rows}, err.decode()

    return ask


def header(*windows, full=False):
    return tuple(columns(parse_windows(windows), full=full))


def test_it_reports_any_windows(ask):
    code, rows, _ = ask("--windows", "2h,today,yesterday")

    assert code == 0
    assert ("store_id", *rows["store_id"]) == (
        *columns(parse_windows(["2h", "today", "yesterday"])),
    )
    # Half-way is 07:45. Today began at 06:00 UTC in Chicago; the two hours at 08:00.
    assert rows["a"] == ["0.00", "1.75", "24.00", "2.00", "2.25", "0.00"]


def test_it_reports_all_columns(ask):
    _, rows, _ = ask("--windows", "2h", "--columns", "full")

    assert ("store_id", *rows["store_id"]) == header("2h", full=True)
    assert rows["a"] == [
        *["0.00", "2.00", "0.00", "0.00", "2.00", "0.00"],
        # Covered until 09:00; no poll after 08:00.
        *["50.00", "2.00", "0.00", "0.00", "0.00"],
        *["2024-01-15T08:00:00.000000Z", "inactive"],
    ]


def test_it_leaves_unknown_what_is_beyond_a_limit(ask):
    _, rows, _ = ask("--windows", "2h", "--columns", "full", "--max-gap", "90m")

    assert rows["a"][:6] == ["0.00", "1.50", "0.50", "0.00", "2.00", "0.00"]


def test_it_calls_fresh_what_the_settings_do(ask, monkeypatch):
    monkeypatch.setenv("UPTIME_FRESH_MINUTES", "30")

    assert ask("--windows", "2h", "--columns", "full")[1]["a"][6] == "25.00"


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("--windows", "1h,60m", "'60m' is repeated"),
        ("--windows", "", "is not a window"),
        ("--columns", "all", "invalid choice"),
        ("--max-gap", "yesterday", "'yesterday' is not a length"),
        ("--max-gap", "1h,2h", "'1h,2h' is not a length"),
        ("--as-of", "soon", "'soon' is not an instant such as"),
        ("--as-of", "0001-01-02", "'0001-01-02' is not between 1970 and 2199"),
    ],
)
def test_it_says_what_is_wrong_with_an_option(ask, capfdbinary, option, value, problem):
    with pytest.raises(SystemExit) as caught:
        ask(option, value)

    assert caught.value.code == 2
    said = " ".join(capfdbinary.readouterr().err.decode().split())
    assert option in said
    assert problem in said


@pytest.mark.parametrize("window", ["2024-02", "2020-02"])
def test_it_says_why_it_cannot_report_a_window_as_of_then(ask, window):
    code, rows, said = ask("--windows", window)

    assert (code, rows) == (offline.NOTHING_USABLE, {})
    assert said.startswith(f"Window {window} begins ")


@pytest.mark.parametrize("arguments", [(), ("--columns", "full", "--windows", "2h,today")])
def test_its_bytes_do_not_depend_on_how_many_stores_are_counted_at_once(
    ask, monkeypatch, arguments
):
    whole = ask(*arguments)
    monkeypatch.setattr(offline, "most_stores", lambda _: 1)
    assert ask(*arguments) == whole


def test_more_stores_than_can_be_counted_at_once_are_cut():
    year = 366 * 24 * HOUR
    assert most_stores(year) < 200_000
    assert most_stores(year) * year < 1 << 62


@pytest.mark.parametrize("name", ["UPTIME_FRESH_MINUTES", "UPTIME_LOOK_BACK_HOURS"])
def test_an_empty_setting_is_one_that_is_not_set(ask, monkeypatch, name):
    plain = ask("--columns", "full")
    monkeypatch.setenv(name, "")
    assert ask("--columns", "full") == plain


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UPTIME_FRESH_MINUTES", "soon"),
        ("UPTIME_FRESH_MINUTES", "0"),
        ("UPTIME_LOOK_BACK_HOURS", "-1"),
    ],
)
def test_it_refuses_the_settings_that_the_server_refuses(ask, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        ask()
    assert ended.value.code == 2


@pytest.mark.parametrize("hours", ["-1", "1.5", "a day"])
def test_it_refuses_a_look_back_that_is_none(ask, hours):
    with pytest.raises(SystemExit) as ended:
        ask(f"--look-back={hours}")
    assert ended.value.code == 2
