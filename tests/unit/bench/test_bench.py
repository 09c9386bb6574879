"""The arithmetic and the form of the benchmarks' table."""

from dataclasses import replace

import pytest

from bench import lab
from bench.__main__ import FULL, QUICK, Bench
from bench.figures import GROUPS
from bench.lab import Data
from bench.measure import Failed, Run, in_turn, probe, timed, timed_process
from bench.servers import POSTGRESQL, SQLITE, Server, servers
from bench.table import duration, memory, memory_ratio, ratio, render

PLACE = ("sample", "PostgreSQL")


def runs(*seconds, peak=None):
    return [Run(seconds=one, rows=10, peak=peak) for one in seconds]


def test_it_takes_turns_so_that_a_disturbance_falls_on_all_sides():
    order = []

    def side(name):
        def run():
            order.append(name)
            return Run(seconds=len(order))

        return run

    measured = in_turn(2, a=side("a"), b=side("b"))
    assert order == ["a", "b", "a", "b"]
    assert [run.seconds for run in measured[1]] == [2, 4]


def test_it_divides_medians_and_spreads_over_the_turns():
    row = ratio("figure", PLACE, runs(2.0, 4.0, 9.0), runs(1.0, 2.0, 2.5))
    assert (row.result, row.spread) == ("2.00", "2.00..3.60")
    assert (row.measured, row.against) == ("4.000 s", "2.000 s")


@pytest.mark.parametrize(("seconds", "met"), [(1.9, "yes"), (2.0, "yes"), (2.1, "NO")])
def test_it_says_whether_a_target_is_met(seconds, met):
    row = ratio("figure", PLACE, runs(seconds), runs(1.0), at_most=2.0)
    assert (row.target, row.met) == ("<= 2", met)


def test_it_shows_targets_as_they_were_set():
    assert ratio("figure", PLACE, runs(1.0), runs(1.0), at_most=1.15).target == "<= 1.15"


@pytest.mark.parametrize(("at_most", "met"), [(2.0, "yes"), (1.9, "NO"), (None, "")])
def test_it_shows_the_median_of_seconds_where_they_are_the_target(at_most, met):
    row = duration("figure", PLACE, runs(1.5, 2.0, 9.0), at_most=at_most)
    assert (row.result, row.spread, row.met) == ("2.00 s", "1.50..9.00", met)


def test_it_judges_nothing_without_a_target():
    assert ratio("figure", PLACE, runs(9.0), runs(1.0)).met == ""


def test_it_shows_the_highest_peak_of_the_measured_side():
    measured = [*runs(1.0, peak=100_000_000), *runs(1.0, peak=300_000_000)]
    assert ratio("figure", PLACE, measured, runs(1.0, 1.0, peak=900_000_000)).peak == "300 MB"
    row = memory("figure", PLACE, measured, at_most=200)
    assert (row.result, row.spread, row.met) == ("300 MB", "100..300", "NO")


def test_it_divides_medians_of_peaks():
    large = [*runs(1.0, peak=300_000_000), *runs(1.0, peak=360_000_000)]
    small = runs(1.0, 1.0, peak=300_000_000)
    row = memory_ratio("figure", PLACE, large, small, at_most=1.2)
    assert (row.result, row.spread, row.met) == ("1.10", "1.00..1.20", "yes")
    assert (row.measured, row.against, row.peak) == ("330 MB", "300 MB", "360 MB")


def test_it_says_unknown_for_a_ratio_of_peaks_that_the_system_does_not_tell():
    row = memory_ratio("figure", PLACE, runs(1.0), runs(1.0), at_most=1.2)
    assert (row.result, row.met) == ("unknown", "")


def test_it_says_unknown_where_the_system_does_not_tell_memory():
    row = memory("figure", PLACE, runs(1.0), at_most=200)
    assert (row.result, row.met) == ("unknown", "")


def test_it_keeps_the_rows_of_a_figure_together_in_aligned_columns():
    one = ratio("one", PLACE, runs(1.0), runs(1.0))
    other = replace(one, figure="another figure")
    again = replace(one, database="SQLite")
    lines = render([one, other, again]).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["one", "one", "another figure"]
    assert len({len(line) for line in lines}) == 1
    assert {tuple(i for i, c in enumerate(line) if c == "|") for line in lines} == {
        tuple(i for i, c in enumerate(lines[0]) if c == "|")
    }


def test_it_tells_the_time_and_the_rows_of_work_in_this_process():
    run = timed(lambda: 7)
    assert run.rows == 7
    assert run.seconds >= 0


def test_it_measures_the_peak_of_a_whole_process():
    hungry = ["-c", "block = b'x' * 200_000_000"]
    run = timed_process(hungry, environment={})
    assert run.peak > 200_000_000


def test_it_never_takes_a_process_that_failed_for_a_measurement():
    with pytest.raises(Failed, match="ended with 3"):
        timed_process(["-c", "raise SystemExit(3)"], environment={})
    with pytest.raises(Failed, match="no_such_probe"):
        probe("no_such_probe", environment={})


def a_bench(tmp_path, size, *, names=(POSTGRESQL, SQLITE)):
    return Bench(
        groups=list(GROUPS),
        size=size,
        turns=1,
        queue="",
        servers=[Server(name=name, version="1", database=lambda _: None) for name in names],
        kept=tmp_path,
    )


def test_it_measures_each_group_where_it_applies(tmp_path):
    bench = a_bench(tmp_path, QUICK)
    postgresql, sqlite = bench.servers
    sample = Data(name="sample", folder=tmp_path, polls=tmp_path, stores=60)
    given = replace(sample, name="given", stores=0)
    assert bench.groups_on(postgresql, sample) == [
        *("ingestion", "report", "workers", "history", "scale", "pages"),
        *("http", "soak", "million"),
    ]
    assert bench.groups_on(postgresql, given) == [
        *("ingestion", "report", "workers", "pages"),
        *("http", "soak"),
    ]
    assert bench.groups_on(sqlite, sample) == ["ingestion", "report"]
    assert bench.groups_on(None, sample) == ["offline"]


def test_it_expects_the_time_of_all_groups_on_all_servers(tmp_path):
    both, one = (
        a_bench(tmp_path, FULL, names=names).minutes()
        for names in [(POSTGRESQL, SQLITE), (SQLITE,)]
    )
    assert both == sum(group.minutes * len(group.on) for group in GROUPS.values())
    assert one < both


def test_it_makes_no_fleet_that_the_disk_has_no_room_for(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "BYTES_A_STORE_A_DAY", 1 << 60)
    with pytest.raises(Failed, match="GB free"):
        lab.made(tmp_path, stores=10, days=8)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["", "sqlite:///here.sqlite3"])
def test_it_says_that_no_postgresql_is_named(url, monkeypatch, capsys):
    monkeypatch.delenv("BENCH_POSTGRES_URL", raising=False)
    monkeypatch.setenv("DATABASE_URL", url)
    assert [server.name for server in servers()] == [SQLITE]
    assert "SKIPPED: PostgreSQL; name one" in capsys.readouterr().err
