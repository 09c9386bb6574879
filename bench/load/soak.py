"""A week of hours, one after the other, and what grows meanwhile."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from bench.lab import Lab
from bench.load.clients import Client
from bench.load.processes import memory_of_all, open_files_of_all
from bench.measure import Run, say
from bench.stack import Stack, serving
from bench.table import Row, amount, memory_ratio, ratio

HOURS = 168
QUICK_HOURS = 3
# After so many of the hours everything has been used often enough to have its usual size.
SETTLED = 1 / 3


def soak(lab: Lab) -> Iterator[Row]:
    """Send an hour's polls and make a report of all stores, for each hour of a week."""
    hours = HOURS if lab.of_real_size else QUICK_HOURS
    fed = lab.with_settings(ANONYMOUS_SCOPES="read,ingest", WEB_CONCURRENCY="1")
    fed.probe("load", lab.data.folder)
    fed.probe("save_hours", lab.folder, hours)
    with serving(fed.environment, lab.folder) as stack:
        seen = [_hour(fed, stack, number, hours) for number in range(hours)]
    settled, last = seen[int(hours * SETTLED) :][: _part(hours)], seen[-_part(hours) :]
    yield from _grown(lab, settled, last, hours)
    yield amount("rows that updates left behind, at the end", lab.place, seen[-1]["dead"].rows, "")


def _part(hours: int) -> int:
    return max(1, hours // 12)


def _hour(lab: Lab, stack: Stack, number: int, hours: int) -> Mapping[str, Run]:
    """Let an hour pass; return what it took, and what the processes held after it."""
    polls = (lab.folder / f"hour-{number}.csv").read_bytes()
    sent = Client(stack.port).send("POST", "/api/v1/polls/", polls)
    report = stack.report()
    processes = {"web": stack.web, "worker": stack.worker}
    held = {name: Run(seconds=0, peak=memory_of_all(one)) for name, one in processes.items()}
    files = sum(open_files_of_all(one) for one in processes.values())
    if number % 12 == 11 or number == hours - 1:
        say(f"  hour {number + 1} of {hours}: report {report.seconds:.2f} s, {files} open files")
    return {
        "an hour's polls, sent": Run(seconds=sent.seconds),
        "a report": report,
        **{f"memory of {name}": run for name, run in held.items()},
        "open files": Run(seconds=files),
        "dead": lab.probe("dead_rows"),
    }


def _grown(
    lab: Lab, settled: Sequence[Mapping[str, Run]], last: Sequence[Mapping[str, Run]], hours: int
) -> Iterator[Row]:
    when = f"last hours of {hours} / after {int(hours * SETTLED)}"
    for name in ("an hour's polls, sent", "a report"):
        late, early = ([one[name] for one in part] for part in (last, settled))
        yield ratio(f"{name}, {when}", lab.place, late, early, lab.target(1.2))
    for name in ("memory of web", "memory of worker"):
        late, early = ([one[name] for one in part] for part in (last, settled))
        yield memory_ratio(f"{name}, {when}", lab.place, late, early, lab.target(1.1))
    settled_files, last_files = (
        median(one["open files"].seconds for one in part) for part in (settled, last)
    )
    yield amount(f"open files and connections, {when}", lab.place, last_files / settled_files, "")
