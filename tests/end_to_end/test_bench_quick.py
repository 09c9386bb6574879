"""A quick bench proves that every figure can be measured, on whatever is at hand."""

import os
import subprocess
import sys

import psycopg

from tests import servers
from tests.suite import ROOT

ON_DATABASES = [
    "ingest polls / bare COPY (SQLite: executemany)",
    "ingest the same file again / first time",
    "peak memory of ingestion",
    "trigger to Complete over HTTP / bare ordered read",
    "trigger to Complete over HTTP / bare read in no order",
    "compute alone / bare ordered read",
    "peak memory of the worker",
]
ON_POSTGRESQL = [
    "trigger to Complete over HTTP by two workers / bare ordered read",
    "the same report on a long history / on one week",
    "hourly file on a long history",
    "hourly file on a long history / on an empty table",
    "peak memory of a worker, large fleet / small",
    "peak memory of ingestion, large fleet / small",
    "report time per 1,000 stores, large fleet / small",
    "ingestion time per 1,000 stores, large fleet / small",
    "fleet snapshot / report",
    *(
        f"{page} page, {figure}"
        for page in ("board", "stores", "store")
        for figure in ("median", "99th percentile", "queries")
    ),
    "50 open boards, share of a core",
    *(f"{page} page, large fleet / small" for page in ("board", "stores", "store")),
]
LOAD = [
    "4 uploads of an hour at once / one after the other",
    "8 downloads of 2 MB at once",
    "8 downloads of 2 MB at once: web processes' memory grows by",
    "9 triggers at once, all answered",
    "a trigger, 99th percentile",
    "reports made of 3 equal triggers",
    "7 reports of one store, all complete",
    "place of the last sender's first report, of 4 senders",
    "status polls, 5 open reports, 16 clients",
    "status polls, 5 open reports, median",
    "status polls, 5 open reports, 99th percentile",
    "an hour's polls sent meanwhile, slowest",
    "an hour's polls, sent, last hours of 3 / after 1",
    "a report, last hours of 3 / after 1",
    "memory of web, last hours of 3 / after 1",
    "memory of worker, last hours of 3 / after 1",
    "open files and connections, last hours of 3 / after 1",
    "rows that updates left behind, at the end",
    "ingest eight days",
    "peak memory of ingesting eight days",
    "ingestion time per 1,000 stores",
    "hourly file",
    "peak memory of the hourly file",
    "trigger to Complete over HTTP by 2 processes",
    "peak memory of a worker process",
    "report time per 1,000 stores",
    "database on disk",
]
ROWS_ON_POSTGRESQL = [
    *("ingestion", "report", "workers", "history", "scale", "pages"),
    *("http", "soak", "million"),
]
WITHOUT_DATABASE = [
    "report without a database / bare CSV read, whole processes",
    "report without a database / bare CSV read, within a process",
    "peak memory of a report without a database",
]


def bench(var, *arguments, **environment):
    """Run a quick bench with its files in ``var``; return what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "bench", "--quick", *arguments],
        cwd=ROOT,
        env={**os.environ, "VAR_DIR": str(var), "DATABASE_URL": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def figures(printed):
    """Return the figure, the database and the result of each row."""
    lines = [line.strip("| ").split("|") for line in printed.splitlines() if line.startswith("|")]
    return [(line[0].strip(), line[2].strip(), line[3].strip()) for line in lines[2:]]


def bench_databases():
    with psycopg.connect(servers.POSTGRES_URL) as connection:
        names = connection.execute("SELECT datname FROM pg_database").fetchall()
    return {name for (name,) in names if name.startswith("store_monitoring_bench_")}


def test_it_prints_every_figure_without_any_server_and_says_what_it_leaves_out(tmp_path):
    done = bench(
        tmp_path,
        *("--data", str(tmp_path / "missing")),
        BENCH_POSTGRES_URL="postgres://nobody@127.0.0.1:1/none",
        TEST_REDIS_URL="redis://127.0.0.1:1/0",
    )
    assert done.returncode == 0, done.stderr
    assert "SKIPPED: PostgreSQL; it cannot be reached" in done.stderr
    assert "SKIPPED: Redis" in done.stderr
    assert "is not a folder." in done.stderr
    rows = figures(done.stdout)
    assert [row[:2] for row in rows] == [
        *((figure, "SQLite") for figure in ON_DATABASES),
        *((figure, "none") for figure in WITHOUT_DATABASE),
    ]
    assert all(result for _, _, result in rows)
    assert [path.name for path in tmp_path.iterdir()] == ["bench-data"]


def test_it_measures_postgresql_and_leaves_nothing_on_the_servers(tmp_path):
    servers.need(servers.postgres_fault())
    before = bench_databases()
    with servers.broker() as queue:
        done = bench(
            tmp_path,
            *("--on", "PostgreSQL", "--rows", *ROWS_ON_POSTGRESQL),
            BENCH_POSTGRES_URL=servers.POSTGRES_URL,
            TEST_REDIS_URL=queue,
        )
        assert done.returncode == 0, done.stderr
        assert "SKIPPED" not in done.stderr
        with servers.redis.from_url(queue) as client:
            assert not client.keys("*")
    assert [row[:2] for row in figures(done.stdout)] == [
        (figure, "PostgreSQL") for figure in (*ON_DATABASES, *ON_POSTGRESQL, *LOAD)
    ]
    assert bench_databases() <= before
