"""The figures of one fleet. Each function here measures one group of them."""

from dataclasses import replace

from bench.lab import Lab
from bench.measure import Failed, in_turn, timed_process
from bench.stack import serving
from bench.table import Row, memory, ratio

SOME_REJECTED = 3
WORKERS = 2


def ingestion(lab: Lab) -> list[Row]:
    """Ingest a file of polls for the first time and again, beside the bare write of its rows."""
    kept = lab.folder / "polls.npz"
    lab.probe("load", lab.data.folder)
    lab.probe("save_polls", kept)
    runs = in_turn(
        lab.turns,
        bare=lab.side("bare_write", kept),
        first=lab.side("ingest_first", lab.data.polls),
        again=lab.side("ingest_again", lab.data.polls),
    )
    first, again, bare = runs["first"], runs["again"], runs["bare"]
    return [
        ratio(
            "ingest polls / bare COPY (SQLite: executemany)",
            lab.place,
            first,
            bare,
            at_most=lab.target(1.3),
        ),
        ratio(
            "ingest the same file again / first time",
            lab.place,
            again,
            first,
            at_most=lab.target(0.6),
        ),
        memory("peak memory of ingestion", lab.place, first),
    ]


def report(lab: Lab) -> list[Row]:
    """Make a report over HTTP, and its arithmetic alone, beside the bare read of its polls."""
    lab.probe("load", lab.data.folder)
    with serving(lab.environment, lab.folder) as stack:
        stack.report()  # A worker's first one pays for its imports.
        runs = in_turn(
            lab.turns,
            read=lab.side("bare_read", "ordered"),
            report=stack.report,
            unordered=lab.side("bare_read", ""),
            compute=lab.side("compute"),
        )
    read, computed = runs["read"], runs["compute"]
    reports = [replace(run, rows=computed[0].rows) for run in runs["report"]]
    return [
        ratio(
            "trigger to Complete over HTTP / bare ordered read",
            lab.place,
            reports,
            read,
            at_most=lab.target(1.3),
        ),
        ratio(
            "trigger to Complete over HTTP / bare read in no order",
            lab.place,
            reports,
            runs["unordered"],
        ),
        ratio(
            "compute alone / bare ordered read",
            lab.place,
            computed,
            read,
            at_most=lab.target(0.35),
        ),
        memory("peak memory of the worker", lab.place, reports, at_most=lab.target(600)),
    ]


def workers(lab: Lab) -> list[Row]:
    """Make a report in two halves by two worker processes, beside the bare read of its polls."""
    lab.probe("load", lab.data.folder)
    polls = lab.probe("bare_read", "ordered").rows
    # A report is cut by estimates, so it is half of the estimate that makes two shards.
    half = -(-lab.probe("estimated_polls").rows // WORKERS)
    halves = lab.with_settings(REPORT_SHARD_POLLS=str(half))
    with serving(halves.environment, lab.folder, concurrency=WORKERS) as stack:
        stack.warm_up(reports=WORKERS)
        runs = in_turn(lab.turns, read=lab.side("bare_read", "ordered"), report=stack.report)
    shards = lab.probe("shards").rows
    if shards < WORKERS:
        raise Failed(f"the report was cut into {shards} shards, too few for all workers")
    reports = [replace(run, rows=polls) for run in runs["report"]]
    return [
        ratio(
            "trigger to Complete over HTTP by two workers / bare ordered read",
            lab.place,
            reports,
            runs["read"],
            at_most=lab.target(1.0),
        )
    ]


def offline(lab: Lab) -> list[Row]:
    """Make a report by ``./run report``, beside pyarrow's bare read of its polls."""
    output = lab.folder / "report.csv"
    command = ["-m", "reports.offline.command", str(lab.data.folder), "--output", str(output)]
    rows = lab.probe("bare_csv_read", lab.data.polls).rows
    runs = in_turn(
        lab.turns,
        bare=lambda: timed_process(
            ["-m", "bench.bare_csv", str(lab.data.polls)], rows=rows, environment=lab.environment
        ),
        offline=lambda: timed_process(
            command, rows=rows, environment=lab.environment, good=(0, SOME_REJECTED)
        ),
        bare_warm=lab.side("bare_csv_read", lab.data.polls),
        offline_warm=lab.side("offline_report", lab.data.folder, output),
    )
    return [
        ratio(
            "report without a database / bare CSV read, whole processes",
            lab.place,
            runs["offline"],
            runs["bare"],
            at_most=lab.target(4.0),
        ),
        ratio(
            "report without a database / bare CSV read, within a process",
            lab.place,
            runs["offline_warm"],
            runs["bare_warm"],
        ),
        memory("peak memory of a report without a database", lab.place, runs["offline"]),
    ]
