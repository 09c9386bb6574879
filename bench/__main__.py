"""``./run bench``: measure everything and print one table."""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.broker import broker
from bench.databases import Server, servers
from bench.figures import GROUPS, NO_DATABASE, ON_DATABASES, WITHOUT_DATABASE, Group, Lab
from bench.fleet import Data, given, made
from bench.measure import ROOT, Failed, say
from bench.table import Row, machine, render

FULL = {"stores": 14_000, "days": 8}
QUICK = {"stores": 60, "days": 3}
FULL_TURNS = 5
QUICK_TURNS = 1

NOTES = """\
Each row is a ratio of medians; `spread` is that of the single turns, which ran A B A B.
Ingestions and bare writes run in fresh processes, imports done before the clock starts. Reads,
reports and the arithmetic are measured after one run that is not. MB are millions of bytes."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What to measure and with what; ``scratch`` is emptied by whoever made it."""

    groups: Sequence[str]
    turns: int
    of_real_size: bool
    queue: str
    servers: Sequence[Server]
    scratch: Path

    def rows(self, data: Data) -> Iterator[Row]:
        """Measure everything on one fleet."""
        on_databases = [ON_DATABASES[name] for name in self.groups if name in ON_DATABASES]
        for server in self.servers if on_databases else ():
            with self._folder() as folder, server.database(Path(folder)) as url:
                yield from self._measure(on_databases, data, server.name, Path(folder), url)
        without = [WITHOUT_DATABASE[name] for name in self.groups if name in WITHOUT_DATABASE]
        with self._folder() as folder:
            yield from self._measure(without, data, NO_DATABASE, Path(folder), "")

    def environment(self, folder: Path, url: str = "") -> dict[str, str]:
        """Return where everything that is started finds its database, queue and files."""
        return {
            "VAR_DIR": str(folder),
            "MEDIA_ROOT": str(folder / "media"),
            "DATABASE_URL": url or f"sqlite:///{folder / 'db.sqlite3'}",
            "CELERY_BROKER_URL": self.queue,
            "LOG_LEVEL": "WARNING",
        }

    def _folder(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(dir=self.scratch)

    def _measure(
        self, groups: Sequence[Group], data: Data, database: str, folder: Path, url: str
    ) -> Iterator[Row]:
        lab = Lab(
            data=data,
            database=database,
            folder=folder,
            environment=self.environment(folder, url),
            turns=self.turns,
            of_real_size=self.of_real_size,
        )
        for group in groups:
            say(f"{group.__name__}; data: {data.name}; database: {database}")
            yield from group(lab)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table to standard output, and what is going on to standard error."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    kept = Path(os.environ.get("VAR_DIR", ROOT / "var")).resolve()
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=kept) as scratch, broker() as queue:
        bench = Bench(
            groups=options.rows,
            turns=options.turns or (QUICK_TURNS if options.quick else FULL_TURNS),
            of_real_size=not options.quick,
            queue=queue,
            servers=servers(),
            scratch=Path(scratch),
        )
        try:
            rows = [row for data in _fleets(options, bench, kept) for row in bench.rows(data)]
        except Failed as error:
            say(f"bench: {error}")
            return 1
    print("\n".join([*_heading(options, bench), "", render(rows)]))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run bench",
        description="What the product takes, beside the least that the same rows can take.",
        epilog="PostgreSQL is measured if BENCH_POSTGRES_URL, or else DATABASE_URL, names one; its"
        " databases are made and dropped by the bench. TEST_REDIS_URL names a Redis that nobody"
        " uses; without one the queue is a folder.",
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="a tiny fleet, which only proves that all this works")
    add("--rows", nargs="+", choices=GROUPS, default=GROUPS, help="measure only these")
    add("--turns", type=int, metavar="N", help=f"default: {FULL_TURNS}; quick: {QUICK_TURNS}")
    add(
        "--data",
        action="append",
        type=Path,
        default=[],
        metavar="DIR",
        help="measure the three files in this folder as well; may be repeated",
    )
    return parser.parse_args(arguments)


def _fleets(options: argparse.Namespace, bench: Bench, kept: Path) -> Iterator[Data]:
    """Yield the made-up fleet, then those that were given and are there."""
    environment = bench.environment(bench.scratch)
    size = QUICK if options.quick else FULL
    yield made(kept / "bench-data", environment, **size)
    for folder in options.data:
        data = given(folder, environment)
        if data:
            yield data


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
