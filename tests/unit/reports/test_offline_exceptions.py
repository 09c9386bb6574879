"""Special days in the folder of ``./run report DIR``, and ``--exclusions FILE``."""

import pytest

from reports.offline import command as offline

OPTIONS = ("--windows", "24h", "--columns", "full", "--as-of", "2024-01-16T00:00:00Z")
SPECIAL = "store_id,date,start_time_local,end_time_local,reason\n"
EXCLUSIONS = "store_id,from,to,reason\n"


@pytest.fixture
def folder(tmp_path):
    """Two stores that were polled once, at 11:00; a is open from 9 to 17, b always."""
    given = tmp_path / "given"
    given.mkdir()
    (given / "polls.csv").write_text(
        "store_id,status,timestamp_utc\n"
        "a,active,2024-01-15 11:00:00 UTC\nb,active,2024-01-15 11:00:00 UTC\n"
    )
    (given / "hours.csv").write_text(
        "store_id,day,start_time_local,end_time_local\na,0,09:00:00,17:00:00\n"
    )
    (given / "zones.csv").write_text("store_id,timezone_str\na,UTC\nb,UTC\n")
    return given


@pytest.fixture
def excluded(tmp_path):
    def write(rows, header=EXCLUSIONS):
        path = tmp_path / "excluded.csv"
        path.write_text(header + rows)
        return ("--exclusions", path)

    return write


def run(capfdbinary, *arguments):
    code = offline.main([str(argument) for argument in arguments])
    out, err = capfdbinary.readouterr()
    return code, out.decode(), err.decode()


def numbers(text):
    """Uptime, excluded and open hours of each store, and its percentages."""
    header, *rows = (line.split(",") for line in text.splitlines())
    names = [
        *(f"{measure}_last_day(in hours)" for measure in ("uptime", "excluded", "open")),
        *(f"{share}_percentage_last_day" for share in ("uptime", "coverage")),
    ]
    return {row[0]: [row[header.index(name)] for name in names] for row in rows}


def test_special_days_replace_the_weekly_hours(folder, capfdbinary):
    (folder / "special.csv").write_text(
        f"{SPECIAL}a,2024-01-15,10:00,12:30,inventory\nb,2024-01-15,,,holiday\n"
    )
    code, out, err = run(capfdbinary, folder, *OPTIONS)

    assert (code, err) == (0, "")
    assert numbers(out) == {
        "a": ["2.50", "0.00", "2.50", "100.00", "80.00"],
        "b": ["0.00", "0.00", "0.00", "n/a", "n/a"],
    }


def test_a_later_file_replaces_the_special_days_of_its_stores_and_dates(folder, capfdbinary):
    (folder / "special1.csv").write_text(
        f"{SPECIAL}a,2024-01-15,10:00,11:00,\na,2024-01-15,12:00,13:00,\nb,2024-01-15,,,\n"
    )
    (folder / "special2.csv").write_text(f"{SPECIAL}a,2024-01-15,06:00,09:00,\n")

    open_hours = {name: row[2] for name, row in numbers(run_out(capfdbinary, folder)).items()}
    assert open_hours == {"a": "3.00", "b": "0.00"}


def run_out(capfdbinary, folder):
    return run(capfdbinary, folder, *OPTIONS)[1]


def test_excluded_time_counts_for_nobody(folder, excluded, capfdbinary):
    asked = excluded(
        "a,2024-01-15 16:00:00 UTC,2024-01-15 20:00:00 UTC,works\n"
        ",2024-01-15T15:00:00Z,2024-01-15T16:30:00Z,\n\n"
    )
    code, out, err = run(capfdbinary, folder, *OPTIONS, *asked)

    assert (code, err) == (0, "")
    assert numbers(out) == {
        "a": ["6.00", "2.00", "8.00", "100.00", "33.33"],
        "b": ["22.50", "1.50", "24.00", "100.00", "8.88"],
    }


def test_explanations_add_up_with_both(folder, excluded, capfdbinary):
    (folder / "special.csv").write_text(f"{SPECIAL}a,2024-01-15,10:00,12:30,inventory\n")
    asked = excluded("a,2024-01-15 10:30:00 UTC,2024-01-15 11:30:00 UTC,works\n")
    assert run(capfdbinary, folder, *OPTIONS, *asked, "--check-explanations")[0] == 0

    _, text, _ = run(capfdbinary, folder, *OPTIONS, *asked, "--explain", "a")
    assert "    special day: 10:00:00-12:30:00 of Mon 15 Jan 2024 (rule 20)\n" in text
    assert "excluded 1:00:00, this time does not count, rule 21\n" in text
    assert "  1 poll left out: in excluded time (rule 21)\n" in text


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            "a,2024-01-15,2024-01-16 00:00:00,\n",
            "line 2, from '2024-01-15' is not an instant like 2023-01-22 12:09:39.388884 UTC.",
        ),
        (
            "\na,2024-01-15 00:00:00,2024-01-14 00:00:00,\n",
            "line 3, to '2024-01-14 00:00:00' is not after from, 2024-01-15 00:00:00.",
        ),
        (
            "c,2024-01-15 00:00:00,2024-01-16 00:00:00,\n",
            "line 2, store_id 'c' is in no row of the feeds.",
        ),
        ("a,2024-01-15 00:00:00,2024-01-16 00:00:00\n", "line 2 has 3 fields instead of 4."),
        ('a,"x\n', "line 2, unexpected end of data"),
    ],
)
def test_it_says_what_is_wrong_with_a_row(rows, said, folder, excluded, capfdbinary):
    asked = excluded(rows)
    code, out, err = run(capfdbinary, folder, *asked)
    assert (code, out, err) == (1, "", f"{asked[1]}: {said}\n")


def test_it_says_what_the_header_must_be(folder, excluded, capfdbinary):
    asked = excluded("", header="store,from,to\n")
    _, _, err = run(capfdbinary, folder, *asked)
    assert err == f"{asked[1]}: line 1 must be store_id,from,to,reason.\n"


def test_it_says_that_it_cannot_read_the_file(folder, tmp_path, capfdbinary):
    missing = tmp_path / "missing.csv"
    _, _, err = run(capfdbinary, folder, "--exclusions", missing)
    assert err == f"{missing} cannot be read: No such file or directory\n"
    missing.write_bytes(b"\xff")
    _, _, err = run(capfdbinary, folder, "--exclusions", missing)
    assert err == f"{missing} is not UTF-8 text.\n"
