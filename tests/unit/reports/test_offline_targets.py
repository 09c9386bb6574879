"""``./run report DIR --kind targets``: one percentage for every store."""

import csv
import io

import pytest

from reports.build import cutting
from reports.offline import command as offline

STATUS = "store_id,status,timestamp_utc\n"
POLLS = (
    f"{STATUS}a,active,2024-01-15 07:30:00 UTC\na,inactive,2024-01-15 08:00:00 UTC\n"
    "b,active,2024-01-15 10:00:00 UTC\n"
)


@pytest.fixture
def ask(tmp_path, capfdbinary):
    """Run it on these polls; return the exit code, the verdicts, and what it says."""
    (tmp_path / "polls.csv").write_text(POLLS)

    def ask(*arguments):
        code = offline.main([str(tmp_path), *arguments])
        out, err = capfdbinary.readouterr()
        rows = list(csv.DictReader(io.StringIO(out.decode())))
        return code, [(row["store_id"], row["window"], row["verdict"]) for row in rows], err

    return ask


def test_it_judges_every_store_in_every_window(ask):
    code, found, _ = ask("--kind", "targets", "--target", "99.5", "--windows", "2h,today")
    assert code == 0
    assert found == [
        ("a", "2h", "missed"),
        # Its change lies before the window or, at the latest, in its first quarter.
        ("a", "today", "missed"),
        ("b", "2h", "met"),
        # Fourteen hours are still to come.
        ("b", "today", "cannot be told"),
    ]


def test_it_is_the_same_in_pieces(ask, monkeypatch):
    asked = ("--kind", "targets", "--target", "50", "--windows", "2h,4h")
    whole = ask(*asked)
    monkeypatch.setattr(cutting, "_AXIS", 1)
    assert ask(*asked) == whole


@pytest.mark.parametrize(
    "arguments",
    [
        ["--kind", "targets"],
        ["--target", "99"],
        ["--kind", "targets", "--target", "0"],
        ["--kind", "targets", "--target", "99.999"],
        ["--kind", "targets", "--target", "99", "--columns", "full"],
    ],
)
def test_it_refuses_what_does_not_fit(ask, arguments):
    with pytest.raises(SystemExit) as ended:
        ask(*arguments)
    assert ended.value.code == 2
