"""``./run report --explain`` and ``--check-explanations``: why numbers are what they are."""

import json

import pytest

from reports.offline import command as offline
from reports.offline import explaining
from tests.paths import ROOT
from uptime.explain.checking import Difference

# The example of docs/uptime.md.
POLLS = """store_id,status,timestamp_utc
maple,inactive,2023-01-24 05:30:00 UTC
maple,inactive,2023-01-24 09:00:00 UTC
maple,active,2023-01-24 16:14:00 UTC
maple,active,2023-01-24 17:15:00 UTC
maple,inactive,2023-01-24 17:15:00 UTC
maple,inactive,2023-01-24 19:00:00 UTC
oak,active,2023-01-24 12:00:00 UTC
"""
HOURS = """store_id,day,start_time_local,end_time_local
maple,0,18:00:00,23:59:00
maple,1,09:00:00,12:00:00
"""
AS_OF = ("--as-of", "2023-01-24T18:00:00Z")
HOUR = 3_600_000_000


@pytest.fixture
def ask(tmp_path, capfdbinary):
    """Run it on these files; return the exit code, the output and the messages."""
    (tmp_path / "polls.csv").write_text(POLLS)
    (tmp_path / "hours.csv").write_text(HOURS)

    def ask(*arguments):
        code = offline.main([str(tmp_path), *AS_OF, *arguments])
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return ask


def told(ask, *arguments):
    code, out, _ = ask("--explain", "maple", "--json", *arguments)
    assert code == 0
    return json.loads(out)


def test_its_text_is_that_of_the_documentation(ask):
    code, out, err = ask("--explain", "maple", "--window", "24h")

    assert (code, err) == (0, "")
    assert f"```text\n{out}```\n" in (ROOT / "docs" / "uptime.md").read_text()


def test_it_gives_the_totals_as_the_report_prints_them(ask):
    _, report, _ = ask("--columns", "full")
    header, row, _ = [line.split(",") for line in report.splitlines()]
    printed = dict(zip(header, row, strict=True))

    for window in ("1h", "24h", "7d"):
        answer = told(ask, "--window", window)
        assert answer["window"] == window
        for column, text in answer["printed"].items():
            assert printed[column] == text


def test_it_says_what_became_of_every_poll(ask):
    polls = [(poll["status"], poll["use"], poll["rule"]) for poll in told(ask)["polls"]]

    assert polls == [
        ("inactive", "decides", 7),
        ("inactive", "outside_hours", 6),
        ("active", "decides", 7),
        ("inactive", "decides", 7),
        ("active", "replaced", 10),
        ("inactive", "after_as_of", 1),
    ]


def test_it_gives_midpoints_spans_and_sums_of_an_opening(ask):
    *_, morning = told(ask)["openings"]

    assert (morning["date"], morning["reason"], morning["rule"]) == (
        "2023-01-24",
        "business_hours",
        3,
    )
    assert [(span["state"], span["rule"]) for span in morning["spans"]] == [("up", 7), ("down", 7)]
    assert [one["at"] for one in morning["midpoints"]] == ["2023-01-24T16:44:30Z"]
    assert morning["open_us"] == 3 * HOUR
    assert morning["up_us"] + morning["down_us"] == morning["open_us"]


def test_it_explains_a_usual_window_as_part_of_the_usual_report(ask):
    """The day's own look-back would begin a week later than the week's."""
    assert told(ask, "--window", "24h")["polls_count_from"] == "2023-01-16T18:00:00Z"
    assert told(ask, "--window", "25h")["polls_count_from"] == "2023-01-22T17:00:00Z"
    alone = told(ask, "--windows", "24h")
    assert alone["polls_count_from"] == "2023-01-22T18:00:00Z"


def test_it_leaves_out_what_is_before_the_look_back(ask):
    uses = [poll["use"] for poll in told(ask, "--windows", "1h", "--look-back", "7")["polls"]]
    assert uses[:2] == ["before_look_back", "before_look_back"]


def test_it_explains_a_store_that_is_always_open_in_a_default_zone(ask):
    code, out, _ = ask("--explain", "oak")

    assert code == 0
    assert "America/Chicago (rule 4: the store has none of its own)" in out
    assert "always open: no business hours are known (rule 4)" in out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--explain", "elm"), 1, "No row of these files names a store 'elm'."),
        (("--explain", "maple", "--window", "2024-02"), 1, "Window 2024-02 begins after"),
        (("--explain", "maple", "--window", "soon"), 2, "'soon' is not a window"),
        (("--explain", "maple", "--windows", "1h", "--window", "3h"), 2, "report's: 1h."),
        (("--explain", "maple", "--check-explanations"), 2, "not allowed with argument"),
        (("--window", "24h"), 2, "--window and --json need --explain"),
        (("--json",), 2, "--window and --json need --explain"),
    ],
)
def test_it_says_what_it_cannot_explain(ask, capfdbinary, arguments, code, message):
    try:
        found, out, err = ask(*arguments)
    except SystemExit as ended:
        found, (out, err) = ended.code, (part.decode() for part in capfdbinary.readouterr())
    assert (found, out) == (code, "")
    assert message in " ".join(err.split())


def test_it_compares_every_explanation_with_the_report(ask):
    code, out, err = ask("--check-explanations")

    assert (code, err) == (0, "")
    assert out == "2 stores in 3 windows: every explanation adds up to the report.\n"


def test_it_says_which_explanation_differs(ask, monkeypatch):
    wrong = Difference(store_id="oak", place=1, measure="up", reported=5, explained=4)
    monkeypatch.setattr(explaining, "differences", lambda *_: iter([wrong]))

    code, out, err = ask("--check-explanations")

    assert (code, out) == (1, "")
    assert err == "oak, last_day: up is 5 microseconds in the report, and 4 when explained.\n"
