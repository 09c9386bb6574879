"""The figures of the dashboard: its snapshot and its pages."""

from collections.abc import Iterator
from dataclasses import replace

from bench.lab import Lab
from bench.measure import Run, in_turn
from bench.table import Row, duration, ratio

PAGES = {
    "board": "/",
    "stores": "/stores/?sort=-down_week",
    "store": "/stores/{store}/",
}
BOARDS = 50
MOST_QUERIES = 10


def pages(lab: Lab) -> Iterator[Row]:
    """Compare the snapshot with a report, and pages of a large fleet with those of a small one."""
    opened = {"ANONYMOUS_SCOPES": "read", "ALLOWED_HOSTS": "testserver", "RATE_LIMIT_READ": "0"}
    open_lab = lab.with_settings(**opened)
    open_lab.probe("load", lab.data.folder)
    snapshots, reports = in_turn(
        lab.turns,
        snapshot=open_lab.side("snapshot_in_process"),
        report=open_lab.side("report_in_process"),
    )
    yield ratio("fleet snapshot / report", lab.place, snapshots, reports, lab.target(1.5))
    for name, path in PAGES.items():
        runs = [open_lab.probe("page_median", path, lab.requests) for _ in range(lab.turns)]
        yield duration(f"{name} page, median", lab.place, runs, lab.target(0.1))
        slowest = [open_lab.probe("page_slowest", path, lab.requests) for _ in range(lab.turns)]
        yield duration(f"{name} page, 99th percentile", lab.place, slowest, lab.target(0.3))
        yield _queries(name, lab, open_lab.probe("page_queries", path))
    boards = [open_lab.probe("open_board", lab.requests) for _ in range(lab.turns)]
    cost = [replace(run, seconds=run.seconds * BOARDS) for run in boards]
    figure = f"{BOARDS} open boards, share of a core"
    yield duration(figure, lab.place, cost, lab.target(0.05))
    if lab.data.stores:
        yield from _large(open_lab)


def _queries(name: str, lab: Lab, run: Run) -> Row:
    row = duration(f"{name} page, queries", lab.place, [run])
    met = "yes" if run.rows <= MOST_QUERIES else "NO"
    return replace(
        row, result=f"{run.rows}", spread="", measured="", target=f"<= {MOST_QUERIES}", met=met
    )


def _large(lab: Lab) -> Iterator[Row]:
    large = replace(lab.second, data=lab.large())
    large.probe("load", large.data.folder)
    large.probe("snapshot_in_process")
    place = (f"{large.data.stores:,} / {lab.data.stores:,} stores", lab.database)
    for name, path in PAGES.items():
        on_large, on_small = in_turn(
            lab.turns,
            large=large.side("page_median", path, lab.requests),
            small=lab.side("page_median", path, lab.requests),
        )
        yield ratio(f"{name} page, large fleet / small", place, on_large, on_small, lab.target(1.5))
