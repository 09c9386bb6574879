"""The figures. Each function here measures one group of them; a new one joins ``GROUPS``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bench.databases import SQLITE
from bench.fleet import Data
from bench.measure import Run, Side, in_turn, probe, timed_process
from bench.stack import serving
from bench.table import Row, memory, ratio

NO_DATABASE = "none"
SOME_REJECTED = 3


@dataclass(frozen=True, kw_only=True)
class Lab:
    """Where a group is measured: these files, this database, this many turns.

    ``folder`` is for what the runs leave behind. ``of_real_size`` tells whether targets apply.
    """

    data: Data
    database: str
    folder: Path
    environment: Mapping[str, str]
    turns: int
    of_real_size: bool

    @property
    def place(self) -> tuple[str, str]:
        """What the table says of where it was."""
        return self.data.name, self.database

    def probe(self, name: str, *arguments: object) -> Run:
        """Run a probe."""
        return Run(**probe(name, *arguments, environment=self.environment))

    def side(self, name: str, *arguments: object) -> Side:
        """Return a probe as one side of a comparison."""
        return lambda: self.probe(name, *arguments)

    def target(self, at_most: float) -> float | None:
        """Return a target where it applies: none was set for SQLite."""
        return at_most if self.of_real_size and self.database != SQLITE else None


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
            at_most=lab.target(2.0),
        ),
        ratio("ingest the same file again / first time", lab.place, again, first),
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
            at_most=lab.target(2.0),
        ),
        ratio(
            "trigger to Complete over HTTP / bare read in no order",
            lab.place,
            reports,
            runs["unordered"],
        ),
        ratio("compute alone / bare ordered read", lab.place, computed, read),
        memory("peak memory of the worker", lab.place, reports, at_most=lab.target(600)),
    ]


def offline(lab: Lab) -> list[Row]:
    """Make a report by ``./run report``, beside pyarrow's bare read of its polls."""
    output = lab.folder / "report.csv"
    command = ["-m", "reports.offline", str(lab.data.folder), "--output", str(output)]
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


Group = Callable[[Lab], list[Row]]
ON_DATABASES: dict[str, Group] = {"ingestion": ingestion, "report": report}
WITHOUT_DATABASE: dict[str, Group] = {"offline": offline}
GROUPS = (*ON_DATABASES, *WITHOUT_DATABASE)
