"""The figures of one fleet. Each function here measures one group of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from bench.lab import NO_DATABASE, Lab
from bench.load.http import http
from bench.load.million import million
from bench.load.soak import soak
from bench.measure import Failed, Run, Side, in_turn, say, timed_process
from bench.page_figures import pages
from bench.servers import POSTGRESQL, SQLITE
from bench.stack import serving
from bench.table import Row, cores, duration, memory, memory_ratio, ratio

SOME_REJECTED = 3
WORKERS = 2
# One run of a large fleet takes as long as ten of a small one, and varies less.
TURNS_AT_MOST = 3


def ingestion(lab: Lab) -> Iterator[Row]:
    """Ingest a file of polls twice, compared with the bare write of its rows."""
    kept = lab.folder / "polls.npz"
    lab.probe("load", lab.data.folder)
    lab.probe("save_polls", kept)
    bare, first, again = in_turn(
        lab.turns,
        bare=lab.side("bare_write", kept),
        first=lab.side("ingest_first", lab.data.polls),
        again=lab.side("ingest_again", lab.data.polls),
    )
    figure = "ingest polls / bare COPY (SQLite: executemany)"
    yield ratio(figure, lab.place, first, bare, lab.target(1.3))
    figure = "ingest the same file again / first time"
    yield ratio(figure, lab.place, again, first, lab.target(0.6))
    yield memory("peak memory of ingestion", lab.place, first)


def report(lab: Lab) -> Iterator[Row]:
    """Compare a report over HTTP, and its arithmetic alone, with the bare read of its polls."""
    lab.probe("load", lab.data.folder)
    with serving(lab.environment, lab.folder) as stack:
        stack.report()  # A worker's first one pays for its imports.
        read, reports, unordered, computed = in_turn(
            lab.turns,
            read=lab.side("bare_read", "ordered"),
            report=stack.report,
            unordered=lab.side("bare_read", ""),
            compute=lab.side("compute"),
        )
    reports = _of(reports, computed[0].rows)
    figure = "trigger to Complete over HTTP / bare ordered read"
    yield ratio(figure, lab.place, reports, read, lab.target(1.3))
    figure = "trigger to Complete over HTTP / bare read in no order"
    yield ratio(figure, lab.place, reports, unordered)
    figure = "compute alone / bare ordered read"
    yield ratio(figure, lab.place, computed, read, lab.target(0.35))
    yield memory("peak memory of the worker", lab.place, reports, lab.target(600))


def workers(lab: Lab) -> Iterator[Row]:
    """Compare a report in two halves by two workers with the bare read of its polls."""
    lab.probe("load", lab.data.folder)
    # A report is cut by estimates, so it is half of the estimate that makes two shards.
    half = -(-lab.probe("estimated_polls").rows // WORKERS)
    halves = lab.with_settings(REPORT_SHARD_POLLS=str(half))
    with serving(halves.environment, lab.folder, concurrency=WORKERS) as stack:
        stack.warm_up(reports=WORKERS)
        read, reports = in_turn(
            lab.turns, read=lab.side("bare_read", "ordered"), report=stack.report
        )
    shards = lab.probe("shards").rows
    if shards < WORKERS:
        raise Failed(f"the report was cut into {shards} shards, too few for all workers")
    figure = "trigger to Complete over HTTP by two workers / bare ordered read"
    yield ratio(figure, lab.place, _of(reports, read[0].rows), read, lab.target(1.0))


def history(lab: Lab) -> Iterator[Row]:
    """Compare a report and the ingestion of an hour, on many weeks, with one week or none."""
    short, long = lab, lab.second
    say(f"  loading the same week twice, and {lab.weeks - 1} earlier ones")
    short.probe("load", lab.data.folder)
    long.probe("load", lab.data.folder)
    polls = long.probe("add_history", lab.weeks - 1).rows
    on_long, on_short = in_turn(
        lab.turns, long=long.side("report_in_process"), short=short.side("report_in_process")
    )
    figure = "the same report on a long history / on one week"
    place = (f"{lab.weeks} weeks / 1 week", lab.database)
    yield ratio(figure, place, _of(on_long, polls), on_short, lab.target(1.15))

    short.probe("save_hours", lab.folder, lab.turns)
    on_long, on_empty = in_turn(
        lab.turns,
        long=_next_hour(long, "ingest_hour", lab),
        empty=_next_hour(short, "ingest_hour_alone", lab),
    )
    place = (f"{lab.weeks} weeks / none", lab.database)
    yield duration("hourly file on a long history", place, on_long, lab.target(0.7))
    figure = "hourly file on a long history / on an empty table"
    yield ratio(figure, place, on_long, on_empty, lab.target(1.2))


def _next_hour(lab: Lab, probe: str, files: Lab) -> Side:
    """Return the ingestion of one hour after the other, because a file is new only once."""
    hour = count()
    return lambda: lab.probe(probe, files.folder / f"hour-{next(hour)}.csv")


def scale(lab: Lab) -> Iterator[Row]:
    """Ingest and report on a large fleet, compared with a small one."""
    large = replace(lab.second, data=lab.large())
    turns = min(lab.turns, TURNS_AT_MOST)
    small_files, large_files = in_turn(
        turns,
        small=lab.side("ingest_first", lab.data.polls),
        large=large.side("ingest_first", large.data.polls),
    )
    for one in (lab, large):
        one.probe("load_rest", one.data.folder, one.data.polls)
    small_reports, large_reports = in_turn(
        turns, small=_report_by_all_cores(lab), large=_report_by_all_cores(large)
    )
    large_reports = _of(large_reports, large.probe("bare_read", "").rows)
    place = (f"{large.data.stores:,} / {lab.data.stores:,} stores", lab.database)
    figure = "peak memory of a worker, large fleet / small"
    yield memory_ratio(figure, place, large_reports, small_reports, lab.target(1.2))
    figure = "peak memory of ingestion, large fleet / small"
    yield memory_ratio(figure, place, large_files, small_files, lab.target(1.2))
    for figure, (large_runs, small_runs), at_most in (
        ("report", (large_reports, small_reports), lab.target(1.1)),
        ("ingestion", (large_files, small_files), None),
    ):
        yield ratio(
            f"{figure} time per 1,000 stores, large fleet / small",
            place,
            _per_thousand(large_runs, large.data.stores),
            _per_thousand(small_runs, lab.data.stores),
            at_most,
        )


def _report_by_all_cores(lab: Lab) -> Side:
    """Return a report of workers that were started for it: two stacks would share one queue."""

    def side() -> Run:
        with serving(lab.environment, lab.folder, concurrency=cores()) as stack:
            stack.warm_up(reports=cores())
            return stack.report()

    return side


def offline(lab: Lab) -> Iterator[Row]:
    """Make a report by ``./run report``, compared with pyarrow's bare read of its polls."""
    polls, output = str(lab.data.polls), str(lab.folder / "report.csv")
    bare_process = ["-m", "bench.bare_csv", polls]
    process = ["-m", "reports.offline.command", str(lab.data.folder), "--output", output]
    bare, whole, bare_warm, warm = in_turn(
        lab.turns,
        bare=lambda: timed_process(bare_process, environment=lab.environment),
        offline=lambda: timed_process(
            process, environment=lab.environment, good=(0, SOME_REJECTED)
        ),
        bare_warm=lab.side("bare_csv_read", polls),
        offline_warm=lab.side("offline_report", lab.data.folder, output),
    )
    bare, whole = (_of(runs, bare_warm[0].rows) for runs in (bare, whole))
    figure = "report without a database / bare CSV read, whole processes"
    yield ratio(figure, lab.place, whole, bare, lab.target(4.0))
    figure = "report without a database / bare CSV read, within a process"
    yield ratio(figure, lab.place, warm, bare_warm)
    yield memory("peak memory of a report without a database", lab.place, whole)


def _of(runs: Sequence[Run], rows: int) -> list[Run]:
    """Return the runs with the number of rows, which is known only now."""
    return [replace(run, rows=rows) for run in runs]


def _per_thousand(runs: Sequence[Run], stores: int) -> list[Run]:
    return [replace(run, seconds=run.seconds * 1000 / stores) for run in runs]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Figures that are measured together.

    ``on`` names the databases, ``minutes`` what a full run took on one of them with two cores.
    ``sample_only``: only for the made-up fleet, of which a larger one can be made.
    ``only_if_named``: takes too long, or too much of the machine, to be measured each time.
    """

    measure: Callable[[Lab], Iterator[Row]]
    on: tuple[str, ...]
    minutes: float
    sample_only: bool = False
    only_if_named: bool = False


GROUPS = {
    "ingestion": Group(measure=ingestion, on=(POSTGRESQL, SQLITE), minutes=2),
    "report": Group(measure=report, on=(POSTGRESQL, SQLITE), minutes=1),
    "workers": Group(measure=workers, on=(POSTGRESQL,), minutes=1),
    "history": Group(measure=history, on=(POSTGRESQL,), minutes=3, sample_only=True),
    "scale": Group(measure=scale, on=(POSTGRESQL,), minutes=7, sample_only=True),
    "pages": Group(measure=pages, on=(POSTGRESQL,), minutes=5),
    "offline": Group(measure=offline, on=(NO_DATABASE,), minutes=1),
    "http": Group(measure=http, on=(POSTGRESQL,), minutes=3, only_if_named=True),
    "soak": Group(measure=soak, on=(POSTGRESQL,), minutes=8, only_if_named=True),
    "million": Group(
        measure=million, on=(POSTGRESQL,), minutes=25, sample_only=True, only_if_named=True
    ),
}
