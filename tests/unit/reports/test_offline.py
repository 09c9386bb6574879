"""``./run report``: from a folder of files to a report, its exit codes and its output."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from feeds.zones import known_time_zones
from reports.kinds.uptime_of_stores import StoresMeasured
from reports.offline import command as offline
from tests.reference import REPORT_HEADER, Poll, Store, report_text
from tests.unit.uptime.notation import at, hours

STATUS = "store_id,status,timestamp_utc\n"
HOURS = "store_id,day,start_time_local,end_time_local\n"
ZONES = "store_id,timezone_str\n"
POLLS = (
    f"{STATUS}b,active,2024-01-15 09:00:00.5 UTC\n"
    "a,inactive,2024-01-15 08:00:00 UTC\na,active,2024-01-15 07:30:00 UTC\n"
)


@pytest.fixture
def write(tmp_path):
    """Write ``name=text`` as name.csv into a folder; return the folder."""

    def write(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text)
        return str(tmp_path)

    return write


def numbers(text, store):
    """The six numbers of a store in a report."""
    [line] = [line for line in text.splitlines() if line.startswith(f"{store},")]
    return line.split(",")[1:]


def run(capfdbinary, *arguments):
    code = offline.main([str(argument) for argument in arguments])
    out, err = capfdbinary.readouterr()
    return code, out.decode(), err.decode()


def test_it_reports_as_of_the_newest_poll(write, capfdbinary):
    code, out, err = run(capfdbinary, write(polls=POLLS))

    stores = {
        "a": Store(
            polls=[
                Poll(at=at("2024-01-15 08:00"), active=False),
                Poll(at=at("2024-01-15 07:30"), active=True),
            ]
        ),
        "b": Store(polls=[Poll(at=at("2024-01-15 09:00:00.5"), active=True)]),
    }
    assert (code, err) == (0, "")
    assert out == report_text(stores, as_of=at("2024-01-15 09:00:00.5"))


def test_it_lists_stores_that_only_have_a_name(write, capfdbinary):
    without = run(capfdbinary, write(polls=POLLS, zones=f"{ZONES}c,Asia/Tokyo\n"))
    with_names = run(
        capfdbinary,
        write(
            polls=POLLS,
            zones=f"{ZONES}c,Asia/Tokyo\n",
            stores="store_id,name,tags\na,Mill,x;y\nd,Inn,\nc,Pier,x;;y\n",
        ),
    )

    assert (without[0], with_names[0]) == (0, 3)
    assert with_names[1].startswith(without[1])
    assert with_names[1].removeprefix(without[1]) == "d,0.00,0.00,0.00,0.00,0.00,0.00\n"
    assert "has a blank tag" in with_names[2]


def test_it_takes_all_three_feeds(write, capfdbinary):
    folder = write(
        polls=POLLS,
        hours=f"{HOURS}a,0,01:00,06:00\nc,6,10:00,23:59\n",
        zones=f"{ZONES}a,America/New_York\nd,Asia/Tokyo\n",
    )

    code, out, _ = run(capfdbinary, folder, "--as-of", "2024-01-15T10:00:00Z")

    stores = {
        "a": Store(
            time_zone="America/New_York",
            hours=hours("Mon 01:00-06:00"),
            polls=[
                Poll(at=at("2024-01-15 08:00"), active=False),
                Poll(at=at("2024-01-15 07:30"), active=True),
            ],
        ),
        "b": Store(polls=[Poll(at=at("2024-01-15 09:00:00.5"), active=True)]),
        "c": Store(hours=hours("Sun 10:00-23:59")),
        "d": Store(time_zone="Asia/Tokyo"),
    }
    assert code == 0
    assert out == report_text(stores, as_of=at("2024-01-15 10:00"))


@pytest.mark.parametrize(
    "instant",
    [
        "2024-01-15T10:00:00Z",
        "2024-01-15 10:00:00 UTC",
        "2024-01-15 10:00",
        "2024-01-15T15:30:00+05:30",
        "2024-01-15T10:00:00.000000+00:00",
    ],
)
def test_it_takes_an_instant_in_several_forms(write, capfdbinary, instant):
    folder = write(polls=POLLS)

    _, out, _ = run(capfdbinary, folder, "--as-of", instant)

    assert out == run(capfdbinary, folder, "--as-of", "2024-01-15T10:00:00Z")[1]
    assert numbers(out, "b")[1] == "24.00"


@pytest.mark.parametrize("instant", ["yesterday", "", "2024-02-30"])
def test_it_refuses_what_is_no_instant(write, capsys, instant):
    with pytest.raises(SystemExit) as caught:
        offline.main([write(polls=POLLS), "--as-of", instant])

    assert caught.value.code == 2
    assert "--as-of" in capsys.readouterr().err


def test_it_leaves_out_polls_after_the_instant_and_lists_their_stores(write, capfdbinary):
    _, out, _ = run(capfdbinary, write(polls=POLLS), "--as-of", "2024-01-15T08:30:00Z")

    assert numbers(out, "b") == ["0.00"] * 6
    assert numbers(out, "a")[0] == "15.00"


def test_it_lets_the_last_row_win_within_and_across_files(write, capfdbinary):
    folder = write(
        a=f"{STATUS}a,active,2024-01-15 09:00:00\na,inactive,2024-01-15 09:00:00\n",
        b=f"{STATUS}b,inactive,2024-01-15 09:00:00\n",
        c=f"{STATUS}b,active,2024-01-15 09:00:00\n",
        d=f"{ZONES}a,Asia/Tokyo\na,America/New_York\n",
        e=f"{HOURS}a,0,04:00,05:00\n",
    )

    _, out, _ = run(capfdbinary, folder, "--as-of", "2024-01-15T10:00:00Z")

    assert numbers(out, "a") == ["0.00"] * 3 + ["60.00", "1.00", "1.00"]
    assert numbers(out, "b")[0] == "60.00"


def test_it_takes_the_hours_of_the_last_file_that_names_a_store(write, capfdbinary):
    folder = write(
        a=f"{HOURS}a,0,01:00,02:00\nb,0,01:00,02:00\n",
        b=f"{HOURS}a,0,03:00,04:00\na,0,04:00,05:00\n",
        c=f"{ZONES}a,UTC\nb,UTC\n",
        d=f"{STATUS}a,active,2024-01-15 03:30:00\nb,active,2024-01-15 01:30:00\n",
    )

    _, out, _ = run(capfdbinary, folder, "--as-of", "2024-01-15T10:00:00Z")

    assert numbers(out, "a")[:3] == ["0.00", "2.00", "2.00"]
    assert numbers(out, "b")[:3] == ["0.00", "1.00", "1.00"]


def test_it_does_not_care_about_the_order_of_rows(write, capfdbinary):
    *header, last = POLLS.splitlines()
    folder = write(polls=POLLS)
    _, expected, _ = run(capfdbinary, folder)

    write(polls="\n".join([header[0], last, *reversed(header[1:])]))

    assert run(capfdbinary, folder)[1] == expected


def test_it_writes_the_file_asked_for_and_nothing_beside_it(write, tmp_path, capfdbinary):
    folder, target = write(polls=POLLS), tmp_path / "out" / "report.csv"
    target.parent.mkdir()
    target.write_text("an older report")

    code, out, _ = run(capfdbinary, folder, "-o", target)

    assert (code, out) == (0, "")
    assert target.read_text() == run(capfdbinary, folder)[1]
    assert list(target.parent.iterdir()) == [target]


def test_it_keeps_the_older_report_when_it_fails_midway(write, tmp_path, capfdbinary, monkeypatch):
    def failing(*_):
        yield b"half a report"
        raise OSError(28, "No space left on device")

    folder, target = write(polls=POLLS), tmp_path / "out" / "report.csv"
    target.parent.mkdir()
    target.write_text("an older report")
    monkeypatch.setattr(StoresMeasured, "printed", failing)

    code, _, err = run(capfdbinary, folder, "-o", target)

    assert (code, err) == (1, f"{target} cannot be written: No space left on device\n")
    assert target.read_text() == "an older report"
    assert list(target.parent.iterdir()) == [target]


def test_it_says_where_it_cannot_write(write, tmp_path, capfdbinary):
    target = tmp_path / "nowhere" / "report.csv"

    code, out, err = run(capfdbinary, write(polls=POLLS), "-o", target)

    assert (code, out) == (1, "")
    assert err == f"{target} cannot be written: No such file or directory\n"


def test_it_rejects_polls_far_ahead_of_now_as_the_server_does(write, capfdbinary):
    far = "b,inactive,2100-12-31 00:00:00 UTC\n"
    _, expected, _ = run(capfdbinary, write(polls=POLLS))

    code, out, err = run(capfdbinary, write(polls=POLLS + far))

    assert (code, out) == (3, expected)
    assert "line 5, timestamp_utc" in err
    assert "is more than 24 hours ahead of now" in err


def test_it_shows_the_first_rejected_rows_and_counts_all(write, capfdbinary):
    bad = "".join(f"c,asleep {n},2024-01-15 09:00:00\n" for n in range(7))

    code, out, err = run(capfdbinary, write(polls=POLLS + bad))

    assert code == 3
    assert [line.split(",")[0] for line in out.splitlines()] == ["store_id", "a", "b"]
    *shown, count = err.splitlines()
    assert len(shown) == 5
    assert shown[0] == (
        'polls.csv: line 5, status \'asleep 0\': is neither "active" nor "inactive"'
    )
    assert count == "7 rows were rejected."


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "has no file ending in"),
        ({"polls": STATUS}, "These files have no valid row."),
        ({"zones": f"{ZONES}a,UTC\n"}, "There is no poll in these files; give an instant"),
        ({"polls": POLLS, "other": "x,y\n1,2\n"}, "other.csv"),
        ({"polls": ""}, "polls.csv is empty"),
    ],
)
def test_it_makes_no_report_where_it_cannot(write, tmp_path, capfdbinary, files, message):
    target = tmp_path / "report"

    code, out, err = run(capfdbinary, write(**files), "-o", target)

    assert (code, out) == (1, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert not target.exists()


def test_it_says_why_every_row_was_rejected(write, capfdbinary):
    folder = write(polls=f"{STATUS}a,asleep,2024-01-15 09:00:00\n")

    code, _, err = run(capfdbinary, folder)

    assert code == 1
    assert err.splitlines() == [
        'polls.csv: line 2, status \'asleep\': is neither "active" nor "inactive"',
        "1 rows were rejected.",
        "These files have no valid row.",
    ]


def test_it_says_that_a_folder_is_not_there(tmp_path, capfdbinary):
    code, out, err = run(capfdbinary, tmp_path / "nowhere")

    assert (code, out) == (1, "")
    assert "nowhere cannot be read: No such file or directory" in err


def test_it_lists_stores_without_polls_as_of_an_instant(write, capfdbinary):
    code, out, _ = run(
        capfdbinary, write(zones=f"{ZONES}b,UTC\na,UTC\n"), "--as-of", "2024-01-15T10:00:00Z"
    )

    assert code == 0
    zeros = ",0.00" * 6
    assert out == f"{REPORT_HEADER}\na{zeros}\nb{zeros}\n"


def test_it_sorts_stores_by_the_bytes_of_their_ids(write, capfdbinary):
    ids = ["b", "B", "10", "9", "é", "z", "店", "🍕", "\uff21"]
    rows = "".join(f"{name},active,2024-01-15 09:00:00\n" for name in ids)

    _, out, _ = run(capfdbinary, write(polls=STATUS + rows))

    listed = [line.split(",")[0] for line in out.splitlines()[1:]]
    assert listed == sorted(ids, key=str.encode)


def test_it_reads_packed_files(tmp_path, capfdbinary):
    (tmp_path / "polls.csv.gz").write_bytes(gzip.compress(POLLS.encode()))

    assert run(capfdbinary, tmp_path)[0] == 0


def test_it_ends_quietly_when_its_reader_has_seen_enough(write):
    folder = write(
        polls=STATUS + "".join(f"{n},active,2024-01-15 09:00:00\n" for n in range(20_000))
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "reports.offline.command", folder],
        cwd=Path(offline.__file__).parents[2],
        env={**os.environ, "PYTHONPATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert process.stdout.readline().decode() == f"{REPORT_HEADER}\n"
        process.stdout.close()
        assert process.stderr.read() == b""


def test_it_knows_every_zone(write, capfdbinary):
    """A report over every zone: none of them may stop the others."""
    zones = "".join(f"{name},{name}\n" for name in known_time_zones())
    openings = "".join(f"{name},0,09:00,17:00\n" for name in known_time_zones())

    code, out, _ = run(
        capfdbinary,
        write(zones=ZONES + zones, hours=HOURS + openings),
        *("--as-of", "2024-01-15T10:00:00Z"),
    )

    assert code == 0
    assert len(out.splitlines()) == len(known_time_zones()) + 1


def test_it_looks_back_as_far_as_the_settings_do(write, capfdbinary, monkeypatch):
    folder = write(polls=STATUS + "a,active,2024-01-07 12:00:00 UTC\n")
    as_of = ("--as-of", "2024-01-15T12:00:00Z")
    up, unknown = ["60.00", "24.00", "168.00"], ["0.00"] * 3

    assert numbers(run(capfdbinary, folder, *as_of)[1], "a")[:3] == up
    monkeypatch.setenv("UPTIME_LOOK_BACK_HOURS", "23")
    assert numbers(run(capfdbinary, folder, *as_of)[1], "a")[:3] == unknown
    assert numbers(run(capfdbinary, folder, *as_of, "--look-back", "24")[1], "a")[:3] == up


def test_it_refuses_a_look_back_that_is_no_number(write, capfdbinary, monkeypatch):
    monkeypatch.setenv("UPTIME_LOOK_BACK_HOURS", "a day")

    with pytest.raises(SystemExit):
        run(capfdbinary, write(polls=POLLS))

    assert b"--look-back" in capfdbinary.readouterr().err
