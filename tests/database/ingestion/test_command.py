"""``manage.py ingest``: its arguments, its output and its exit codes."""

import gzip
import io
import re
import zipfile

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from fleet.models import BusinessHours, Poll, Store
from ingestion import progress
from ingestion.management.commands import ingest as command
from ingestion.models import Ingestion
from ingestion.progress import ProgressBar
from ingestion.services import Progress
from tests.database.files import HOURS, STATUS, TIME_ZONES, csv, write

pytestmark = pytest.mark.django_db(transaction=True)

POLLS = csv(STATUS, "a,active,2024-01-15 09:00:00 UTC", "b,inactive,2024-01-15 09:00:00 UTC")
OPENINGS = csv(HOURS, "a,0,09:00,17:00")
ZONES = csv(TIME_ZONES, "a,Asia/Tokyo")
SOME_BAD = csv(STATUS, "c,active,2024-01-15 09:00:00 UTC", "c,asleep,2024-01-15 10:00:00 UTC")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def run(*arguments, **options):
    """Run the command; return its exit code, and its output on each stream."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("ingest", *(str(a) for a in arguments), stdout=out, stderr=err, **options)
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    except SystemExit as error:
        code = error.code
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "feeds", store_status=POLLS, menu_hours=OPENINGS, timezones=ZONES)


def test_it_ingests_a_folder_by_the_headers_of_its_files(folder):
    code, out, err = run(folder)

    assert (code, err) == (0, "")
    nothing_else = "0 changed, 0 repeated, 0 superseded, 0 removed, 0 rejected"
    assert [line.partition(" in ")[0] for line in out.splitlines()] == [
        f"menu_hours.csv (business hours): rows 1 read, 1 new, {nothing_else}",
        f"store_status.csv (store status): rows 2 read, 2 new, {nothing_else}",
        f"timezones.csv (time zones): rows 1 read, 1 new, {nothing_else}",
    ]
    assert all(re.search(r" in \d+\.\d s, [\d,]+ rows/s$", line) for line in out.splitlines())
    assert (Poll.objects.count(), BusinessHours.objects.count()) == (2, 1)
    assert Store.objects.get(store_id="a").time_zone_id == "Asia/Tokyo"
    assert set(Ingestion.objects.values_list("requested_by", flat=True)) == {"command line"}


def test_it_takes_a_file_for_each_feed_by_its_option(folder):
    code, out, _ = run(
        *("--status", folder / "store_status.csv"),
        *("--hours", folder / "menu_hours.csv"),
        *("--timezones", folder / "timezones.csv"),
        *("--requested-by", "the night shift"),
    )

    assert code == 0
    assert [line.split(".csv")[0] for line in out.splitlines()] == [
        "timezones",
        "menu_hours",
        "store_status",
    ]
    assert set(Ingestion.objects.values_list("requested_by", flat=True)) == {"the night shift"}


def test_it_takes_several_files_however_they_are_packed(folder, tmp_path):
    (tmp_path / "polls").write_bytes(gzip.compress(POLLS.encode()))
    with zipfile.ZipFile(tmp_path / "rest.zip", "w") as archive:
        archive.writestr("hours.csv", OPENINGS)
        archive.writestr("zones.csv", ZONES)

    code, out, _ = run(tmp_path / "polls", tmp_path / "rest.zip")

    assert code == 0
    names = [line.split(" (")[0] for line in out.splitlines()]
    assert names == ["polls", "rest.zip/hours.csv", "rest.zip/zones.csv"]


@pytest.mark.parametrize("arguments", [["-"], ["--status", "-"]])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_it_reads_standard_input(monkeypatch, arguments, pack):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(pack(POLLS.encode()))))

    code, out, _ = run(*arguments)

    assert code == 0
    assert out.startswith("standard input (store status): rows 2 read, 2 new")


def test_it_says_where_rejected_rows_are_and_exits_with_3(folder):
    write(folder, more=SOME_BAD)

    code, out, err = run(folder)

    record = Ingestion.objects.get(name="more.csv")
    assert code == 3
    assert "more.csv (store status): rows 2 read, 1 new" in out
    assert err == f"more.csv: 1 rows rejected, see {record.rejects.path}\n"


def test_it_goes_on_after_a_file_that_cannot_be_used_and_exits_with_3(folder):
    write(folder, a_first="x,y\n1,2\n", z_last="")
    (folder / "b.zip").write_bytes(b"PK\x03\x04 no archive")

    code, out, err = run(folder)

    assert code == 3
    assert len(out.splitlines()) == 3
    assert [line.split()[0].rstrip(":") for line in err.splitlines()] == [
        "a_first.csv",
        "b.zip",
        "z_last.csv",
    ]
    failed = Ingestion.objects.filter(status="Failed").values_list("name", flat=True)
    assert sorted(failed) == ["a_first.csv", "b.zip", "z_last.csv"]


def test_it_goes_on_after_a_path_that_is_not_there(folder):
    code, out, err = run(folder / "none.csv", folder / "timezones.csv")

    assert code == 3
    assert "timezones.csv" in out
    assert "none.csv" in err


@pytest.mark.parametrize(
    "arguments", [["none.csv"], ["."], ["empty.csv"], ["empty.csv", "none.csv"], []]
)
def test_it_exits_with_1_where_nothing_can_be_used(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.csv").touch()

    code, out, err = run(*arguments)

    assert (code, out) == (1, "")
    assert len(err.splitlines()) == max(len(arguments), 0) + 1
    assert not Store.objects.exists()


def test_it_exits_with_1_where_every_row_is_bad(tmp_path):
    folder = write(tmp_path, polls=csv(STATUS, "a,asleep,2024-01-15 09:00:00 UTC"))

    code, out, err = run(folder)

    assert (code, out) == (1, "")
    assert 'line 2, status: is neither "active" nor "inactive"' in err


def test_it_refuses_a_file_under_the_option_of_another_feed(folder):
    code, _, err = run("--status", folder / "menu_hours.csv")

    assert code == 1
    assert "menu_hours.csv" in err
    assert not BusinessHours.objects.exists()


def test_it_exits_with_0_when_everything_is_repeated(folder):
    run(folder)

    assert run(folder)[0] == 0


def test_it_draws_no_bar_where_nobody_looks(folder, capsys):
    run(folder)

    captured = capsys.readouterr()
    assert "\r" not in captured.out + captured.err
    assert "\x1b" not in captured.out + captured.err


def test_it_draws_a_bar_on_a_terminal_and_wipes_it(folder, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(command.sys, "stderr", terminal)

    code, out, _ = run(folder / "store_status.csv")

    assert code == 0
    drawn = terminal.getvalue().split("\r\x1b[K")
    assert drawn[1:] == [
        f"store_status.csv: reading [{'#' * 30}] 100%",
        f"store_status.csv: storing [{'#' * 30}] 100%",
        "",
    ]
    assert "\r" not in out


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Progress(phase="reading", done=0, total=10), f"f: reading [{' ' * 30}]   0%"),
        (Progress(phase="storing", done=5, total=10), f"f: storing [{'#' * 15}{' ' * 15}]  50%"),
        (Progress(phase="reading", done=11, total=10), f"f: reading [{'#' * 30}] 100%"),
        (Progress(phase="reading", done=12_345_678, total=None), "f: reading 12,345,678 bytes"),
        (Progress(phase="reading", done=0, total=0), "f: reading 0 bytes"),
    ],
)
def test_it_shows_how_far_it_is(step, text):
    terminal = Terminal()

    with ProgressBar(terminal, "f") as bar:
        bar.show(step)
        bar.show(step)

    assert terminal.getvalue() == f"\r\x1b[K{text}\r\x1b[K"
    assert progress._WIDTH == 30


def test_it_wipes_the_bar_before_it_says_what_went_wrong(tmp_path, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(command.sys, "stderr", terminal)
    cut = gzip.compress(b"".join(b"%d,active,2024-01-15 09:00:00\n" % n for n in range(400_000)))
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(f"{STATUS}\n".encode()) + cut[:-100])

    code, out, err = run(path)

    assert (code, out) == (1, "")
    assert "damaged or incomplete" in err
    assert "cut.csv.gz: reading [" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
