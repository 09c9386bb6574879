"""``./run bench``: measure everything and print one table."""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.figures import GROUPS
from bench.lab import NO_DATABASE, Data, Lab, given, made
from bench.measure import ROOT, Failed, say
from bench.servers import POSTGRESQL, SQLITE, Server, broker, servers
from bench.table import Row, machine, render
from bench.truth.__main__ import main as truth


@dataclass(frozen=True, kw_only=True)
class Size:
    """The sizes of the made-up data, three fleets and the weeks of a long history, and of runs."""

    stores: int
    large: int
    huge: int
    days: int
    weeks: int
    requests: int
    turns: int


FULL = Size(stores=14_000, large=141_000, huge=1_000_000, days=8, weeks=26, requests=100, turns=5)
QUICK = Size(stores=60, large=600, huge=1200, days=3, weeks=3, requests=5, turns=1)

NOTES = """\
Each row is a ratio of medians; `spread` is that of the single turns, which ran A B A B.
Ingestions and bare writes run in fresh processes, imports done before the clock starts. Reads,
reports and the arithmetic are measured after one run that is not. MB are millions of bytes."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What to measure and with what; made-up files stay in ``kept``, everything else is removed."""

    groups: Sequence[str]
    size: Size
    turns: int
    queue: str
    servers: Sequence[Server]
    kept: Path

    def rows(self, data: Data) -> Iterator[Row]:
        """Measure everything on one fleet."""
        for server in (*self.servers, None):
            groups = self.groups_on(server, data)
            if not groups:
                continue
            with ExitStack() as ends:
                lab = self._lab(data, server, ends)
                for name in groups:
                    about = f"; about {GROUPS[name].minutes:g} min" if lab.of_real_size else ""
                    say(f"{name}; data: {data.name}; database: {lab.database}{about}")
                    yield from GROUPS[name].measure(lab)

    def groups_on(self, server: Server | None, data: Data) -> list[str]:
        """Return the names of the groups that this fleet has on this server."""
        database = server.name if server else NO_DATABASE
        return [
            name
            for name in self.groups
            if database in GROUPS[name].on and (data.stores or not GROUPS[name].sample_only)
        ]

    def fleet(self, stores: int) -> Data:
        """Return a made-up fleet of the size's days."""
        return made(self.kept / "bench-data", stores=stores, days=self.size.days)

    def minutes(self) -> float:
        """Return about how long the made-up fleet takes with two cores, all turns run."""
        fleet = Data(name="", folder=self.kept, polls=self.kept, stores=self.size.stores)
        groups = [self.groups_on(server, fleet) for server in (*self.servers, None)]
        return sum(GROUPS[name].minutes for names in groups for name in names)

    def _lab(self, data: Data, server: Server | None, ends: ExitStack) -> Lab:
        scratch = tempfile.TemporaryDirectory(prefix="bench-", dir=self.kept)
        return Lab(
            data=data,
            server=server,
            folder=Path(ends.enter_context(scratch)),
            environment={"CELERY_BROKER_URL": self.queue, "LOG_LEVEL": "WARNING"},
            turns=self.turns,
            weeks=self.size.weeks,
            requests=self.size.requests,
            large=lambda: self.fleet(self.size.large),
            huge=lambda: self.fleet(self.size.huge),
            of_real_size=self.size == FULL,
            ends=ends,
        ).with_database()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table to standard output and progress to standard error."""
    given_arguments = sys.argv[1:] if arguments is None else arguments
    if given_arguments[:1] == ["truth"]:
        return truth(given_arguments[1:])
    options = _options(given_arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    kept = Path(os.environ.get("VAR_DIR", ROOT / "var")).resolve()
    kept.mkdir(parents=True, exist_ok=True)
    with broker() as queue:
        size = QUICK if options.quick else FULL
        bench = Bench(
            groups=options.rows,
            size=size,
            turns=options.turns or size.turns,
            queue=queue,
            servers=[server for server in servers() if server.name in options.on],
            kept=kept,
        )
        if size == FULL:
            say(f"This takes about {bench.minutes():.0f} min for the made-up fleet.")
        try:
            fleets = [bench.fleet(size.stores), *filter(None, map(given, options.data))]
            rows = [row for data in fleets for row in bench.rows(data)]
        except Failed as error:
            say(f"bench: {error}")
            return 1
    print("\n".join([*_heading(options, bench), "", render(rows)]))
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run bench",
        description="What the product takes, beside the least that the same rows can take.",
        epilog="`./run bench truth` instead compares the numbers with a known truth."
        " PostgreSQL is measured if BENCH_POSTGRES_URL, or else DATABASE_URL, names one; its"
        " databases are made and dropped by the bench. TEST_REDIS_URL names a Redis that nobody"
        " uses; without one the queue is a folder.",
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="a tiny fleet, which only proves that all this works")
    usual = [name for name, group in GROUPS.items() if not group.only_if_named]
    longer = ", ".join(name for name in GROUPS if name not in usual)
    help_text = f"only these; without it all but {longer}"
    add("--rows", nargs="+", choices=GROUPS, default=usual, help=help_text)
    databases = [POSTGRESQL, SQLITE]
    add("--on", nargs="+", choices=databases, default=databases, help="only these databases")
    add("--turns", type=int, metavar="N", help=f"default: {FULL.turns}; quick: {QUICK.turns}")
    add(
        "--data",
        action="append",
        type=Path,
        default=[],
        metavar="DIR",
        help="measure the files in this folder as well; may be repeated",
    )
    return parser.parse_args(arguments)


def _heading(options: argparse.Namespace, bench: Bench) -> Iterator[str]:
    databases = ", ".join(f"{server.name} {server.version}" for server in bench.servers)
    queue = bench.queue.partition(":")[0]
    yield from machine()
    yield f"databases: {databases}; queue: {queue}; turns: {bench.turns}"
    yield NOTES
    if options.quick:
        yield "QUICK: a tiny fleet. The ratios below say nothing about the product."


if __name__ == "__main__":
    sys.exit(main())
