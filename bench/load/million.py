"""A million stores on this machine, really run."""

from collections.abc import Iterator
from dataclasses import replace

from bench.lab import Lab
from bench.measure import Run
from bench.stack import serving
from bench.table import Row, cores, duration, memory, ratio

HOUR_FILES = 3


def million(lab: Lab) -> Iterator[Row]:
    """Ingest a million stores' eight days and the hours after them, and report on them.

    Each runs once, by all cores, and is compared with the small fleet, store for store.
    """
    huge = replace(lab.second, data=lab.huge())
    place = (f"{huge.data.stores:,} stores", lab.database)
    against = (f"{huge.data.stores:,} / {lab.data.stores:,} stores", lab.database)
    small, large = (_loaded(one) for one in (lab, huge))
    yield duration("ingest eight days", place, [large])
    yield memory("peak memory of ingesting eight days", place, [large])
    yield ratio(
        "ingestion time per 1,000 stores", against, [_each(large, huge)], [_each(small, lab)]
    )
    hours = list(_hours(huge))
    yield duration("hourly file", place, hours, lab.target(60))
    yield memory("peak memory of the hourly file", place, hours)
    small, large = (_report(one) for one in (lab, huge))
    large = replace(large, rows=huge.probe("bare_read", "").rows)
    figure = f"trigger to Complete over HTTP by {cores()} processes"
    yield duration(figure, place, [large], lab.target(120))
    yield memory("peak memory of a worker process", place, [large], lab.target(600))
    yield ratio("report time per 1,000 stores", against, [_each(large, huge)], [_each(small, lab)])
    yield memory("database on disk", place, [huge.probe("size_on_disk")])


def _loaded(lab: Lab) -> Run:
    """Ingest everything; return the run of the polls."""
    run = lab.probe("ingest_first", lab.data.polls)
    lab.probe("load_rest", lab.data.folder, lab.data.polls)
    return run


def _hours(lab: Lab) -> Iterator[Run]:
    lab.probe("save_hours", lab.folder, HOUR_FILES)
    for number in range(HOUR_FILES):
        yield lab.probe("ingest_hour", lab.folder / f"hour-{number}.csv")


def _report(lab: Lab) -> Run:
    with serving(lab.environment, lab.folder, concurrency=cores()) as stack:
        stack.warm_up(reports=1)
        return stack.report()


def _each(run: Run, lab: Lab) -> Run:
    return replace(run, seconds=run.seconds * 1000 / lab.data.stores)
