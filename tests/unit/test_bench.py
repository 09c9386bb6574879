"""The arithmetic and the form of the benchmarks' table."""

from dataclasses import replace

import pytest

from bench.measure import Failed, Run, in_turn, probe, timed, timed_process
from bench.table import memory, ratio, render

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
    assert [run.seconds for run in measured["b"]] == [2, 4]


def test_it_divides_medians_and_spreads_over_the_turns():
    row = ratio("figure", PLACE, runs(2.0, 4.0, 9.0), runs(1.0, 2.0, 2.5))
    assert (row.result, row.spread) == ("2.00", "2.00..3.60")
    assert (row.measured, row.against) == ("4.000 s", "2.000 s")


@pytest.mark.parametrize(("seconds", "met"), [(1.9, "yes"), (2.0, "yes"), (2.1, "NO")])
def test_it_says_whether_a_target_is_met(seconds, met):
    row = ratio("figure", PLACE, runs(seconds), runs(1.0), at_most=2.0)
    assert (row.target, row.met) == ("<= 2.0", met)


def test_it_judges_nothing_without_a_target():
    assert ratio("figure", PLACE, runs(9.0), runs(1.0)).met == ""


def test_it_shows_the_highest_peak_of_the_measured_side():
    measured = [*runs(1.0, peak=100_000_000), *runs(1.0, peak=300_000_000)]
    assert ratio("figure", PLACE, measured, runs(1.0, 1.0, peak=900_000_000)).peak == "300 MB"
    row = memory("figure", PLACE, measured, at_most=200)
    assert (row.result, row.spread, row.met) == ("300 MB", "100..300", "NO")


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
    run = timed_process(hungry, rows=1, environment={})
    assert run.peak > 200_000_000


def test_it_never_takes_a_process_that_failed_for_a_measurement():
    with pytest.raises(Failed, match="ended with 3"):
        timed_process(["-c", "raise SystemExit(3)"], rows=1, environment={})
    with pytest.raises(Failed, match="no_such_probe"):
        probe("no_such_probe", environment={})
