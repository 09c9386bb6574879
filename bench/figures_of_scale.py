"""The figures of long histories and large fleets: what they take beside short and small ones."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

from bench.lab import Lab
from bench.measure import Run, Side, in_turn, say
from bench.stack import serving
from bench.table import Row, cores, duration, memory_ratio, ratio

# One run of a large fleet takes as long as ten of a small one; it varies as much less.
TURNS_AT_MOST = 3
ONE_TASK = str(1 << 40)


def history(lab: Lab) -> list[Row]:
    """Make one report and ingest one hour of polls, on many weeks and beside on one or none."""
    with lab.elsewhere() as long:
        say(f"  loading the same week twice, and {lab.weeks - 1} earlier ones")
        lab.probe("load", lab.data.folder)
        long.probe("load", lab.data.folder)
        polls = long.probe("add_history", lab.weeks - 1).rows
        return [*_reports(lab, long, polls), *_hours(lab, long)]


def scale(lab: Lab) -> list[Row]:
    """Ingest and report on a large fleet, beside a small one."""
    with lab.elsewhere(lab.large()) as large:
        turns = min(lab.turns, TURNS_AT_MOST)
        for one in (lab, large):
            one.probe("prepare")
        ingested = in_turn(
            turns,
            small=lab.side("ingest_first", lab.data.polls),
            large=large.side("ingest_first", large.data.polls),
        )
        for one in (lab, large):
            one.probe("load_rest", one.data.folder)
        reported = in_turn(
            turns, small=_report_by_all_cores(lab), large=_report_by_all_cores(large)
        )
        polls = large.probe("bare_read", "").rows
        return _rows_of_scale(lab, large, ingested, reported, polls)


def _reports(lab: Lab, long: Lab, polls: int) -> Iterator[Row]:
    """Yield the row of one report, on a long history of so many polls and on one week."""
    # In one task: building in this process, with nobody else to take a part.
    runs = in_turn(
        lab.turns,
        long=long.with_settings(REPORT_SHARD_POLLS=ONE_TASK).side("report_in_process"),
        short=lab.with_settings(REPORT_SHARD_POLLS=ONE_TASK).side("report_in_process"),
    )
    yield ratio(
        "the same report on a long history / on one week",
        (f"{lab.weeks} weeks / 1 week", lab.database),
        [replace(run, rows=polls) for run in runs["long"]],
        runs["short"],
        at_most=lab.target(1.15),
    )


def _hours(lab: Lab, long: Lab) -> Iterator[Row]:
    """Yield the rows of a file of the next hour; the lab's own polls are gone afterwards."""
    lab.probe("save_hours", lab.folder, lab.turns)
    runs = in_turn(
        lab.turns,
        long=_next_hour(long, "ingest_hour", lab.folder),
        empty=_next_hour(lab, "ingest_hour_alone", lab.folder),
    )
    place = (f"{lab.weeks} weeks / none", lab.database)
    yield duration("hourly file on a long history", place, runs["long"], at_most=lab.target(0.7))
    yield ratio(
        "hourly file on a long history / on an empty table",
        place,
        runs["long"],
        runs["empty"],
        at_most=lab.target(1.2),
    )


def _next_hour(lab: Lab, probe: str, folder: Path) -> Side:
    """Return the ingestion of one hour after the other, because a file is new only once."""
    hour = count()
    return lambda: lab.probe(probe, folder / f"hour-{next(hour)}.csv")


def _report_by_all_cores(lab: Lab) -> Side:
    """Return a report of workers that were started for it: two stacks would share one queue."""

    def side() -> Run:
        with serving(lab.environment, lab.folder, concurrency=cores()) as stack:
            stack.warm_up(reports=cores())
            return stack.report()

    return side


def _rows_of_scale(
    lab: Lab,
    large: Lab,
    ingested: dict[str, list[Run]],
    reported: dict[str, list[Run]],
    polls: int,
) -> list[Row]:
    place = (f"{large.data.stores:,} / {lab.data.stores:,} stores", lab.database)
    reports = [replace(run, rows=polls) for run in reported["large"]]
    return [
        memory_ratio(
            "peak memory of a worker, large fleet / small",
            place,
            reports,
            reported["small"],
            at_most=lab.target(1.2),
        ),
        memory_ratio(
            "peak memory of ingestion, large fleet / small",
            place,
            ingested["large"],
            ingested["small"],
            at_most=lab.target(1.2),
        ),
        ratio(
            "report time per 1,000 stores, large fleet / small",
            place,
            _per_thousand(reports, large.data.stores),
            _per_thousand(reported["small"], lab.data.stores),
            at_most=lab.target(1.1),
        ),
        ratio(
            "ingestion time per 1,000 stores, large fleet / small",
            place,
            _per_thousand(ingested["large"], large.data.stores),
            _per_thousand(ingested["small"], lab.data.stores),
        ),
    ]


def _per_thousand(runs: Sequence[Run], stores: int) -> list[Run]:
    return [replace(run, seconds=run.seconds * 1000 / stores) for run in runs]
