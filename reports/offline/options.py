"""The command-line options of ``./run report``."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from feeds.headers import Limits, polls_until
from reports.environment import UnusableSetting, whole_number
from reports.kinds.known import KINDS
from reports.kinds.targets_of_stores import texts_of
from reports.offline import arguments
from uptime import (
    DEFAULT_WINDOWS,
    HOUR,
    MINUTE,
    AnyWindow,
    Question,
    parse_windows,
)
from uptime.explain.choosing import windows_and_place
from uptime.instants import to_microseconds
from uptime.targets.target import FLEET, Target


@dataclass(frozen=True, kw_only=True)
class Explained:
    """The store whose numbers are explained, in the window at ``place`` of the report."""

    store_id: str
    place: int
    as_json: bool


@dataclass(frozen=True, kw_only=True)
class Options:
    """A folder, the output file (None is standard output), and the question.

    ``as_of``: microseconds, None for the newest poll. ``question``: builds it for an as of.
    ``explained``: what to explain instead of writing the report. ``checks_explanations``: whether
    to compare every store's explanation with the report instead.
    ``exclusions``: the file of time that does not count.
    ``poller_outages``: the file to write them to. ``are_unknown``: whether their time is unknown.
    ``stamp``: the file to write the report's stamp to.
    ``kind``: of the report.
    """

    folder: Path
    output: Path | None
    limits: Limits
    as_of: int | None
    question: Callable[[int], Question]
    explained: Explained | None
    checks_explanations: bool
    exclusions: Path | None
    poller_outages: Path | None
    are_unknown: bool
    stamp: Path | None
    kind: str


def read_options(given: Sequence[str] | None) -> Options:
    """Return the options; prints help and exits with 2 if the arguments are invalid."""
    parser = _parser()
    read = parser.parse_args(given)
    if read.stamp and (read.explain is not None or read.check_explanations):
        parser.error("--stamp is of a report, not of explanations")
    if read.explain is None and (read.window or read.json):
        parser.error("--window and --json need --explain")
    if read.kind != "uptime" and (read.columns or read.explain or read.check_explanations):
        parser.error("--columns, --explain and --check-explanations need --kind uptime")
    if (read.kind == "targets") != (read.target is not None):
        parser.error("--kind targets and --target belong together")
    try:
        # As in the settings, so that both ways count the same polls over the same time.
        fresh = whole_number("UPTIME_FRESH_MINUTES", default=60)
        look_back = whole_number("UPTIME_LOOK_BACK_HOURS", default=24, least=0)
        ahead = whole_number("POLL_MAX_AHEAD_HOURS", default=24, least=0)
        windows, place = windows_and_place(
            parse_windows(DEFAULT_WINDOWS), read.windows, read.window
        )
    except (UnusableSetting, ValueError) as error:
        parser.error(str(error))

    def question(as_of: int) -> Question:
        return Question(
            as_of=as_of,
            windows=windows,
            look_back=(look_back if read.look_back is None else read.look_back) * HOUR,
            max_gap=read.max_gap,
            fresh=fresh * MINUTE,
            full=read.columns == "full" or KINDS[read.kind].needs_full,
            targets=_targets(read.target, windows),
        )

    # By the clock, as on the server: both reject the same late polls.
    limits = polls_until(to_microseconds(datetime.now(UTC)), hours=ahead)
    return Options(
        folder=read.folder,
        output=read.output,
        limits=limits,
        as_of=None if read.as_of is None else to_microseconds(read.as_of),
        question=question,
        explained=None
        if read.explain is None
        else Explained(store_id=read.explain, place=place, as_json=read.json),
        checks_explanations=read.check_explanations,
        exclusions=read.exclusions,
        poller_outages=read.poller_outages,
        are_unknown=read.in_poller_outages == "unknown",
        stamp=read.stamp,
        kind=read.kind,
    )


def _targets(percentage: int | None, windows: Sequence[AnyWindow]) -> tuple[Target, ...]:
    """Return a target for every store; none without a percentage."""
    if percentage is None:
        return ()
    texts = tuple(texts_of(windows))
    return (Target(name="", scope=FLEET, hundredths=percentage, windows=texts),)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run report", description="The uptime report of the files in a folder."
    )
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="where the files are: a folder, or a .zip of one"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="default: standard output"
    )
    parser.add_argument(
        "--as-of",
        type=arguments.instant,
        metavar="T",
        help="an instant such as 2024-01-31T12:00:00Z; default: the newest poll",
    )
    parser.add_argument(
        "--exclusions",
        type=Path,
        metavar="FILE",
        help="time that does not count: a CSV with store_id,from,to,reason; no store_id means all",
    )
    parser.add_argument(
        "--poller-outages",
        type=Path,
        metavar="FILE",
        help="also write when nobody polled the fleet, a time zone or a tag, as CSV",
    )
    parser.add_argument(
        "--stamp",
        type=Path,
        metavar="FILE",
        help="also write by what the report was made: policy, versions and a fingerprint of the"
        " data, as JSON",
    )
    _add_measures(parser)
    _add_explanations(parser)
    return parser


def _add_explanations(parser: argparse.ArgumentParser) -> None:
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--explain",
        metavar="STORE",
        help="instead of the report, say why the numbers of this store are what they are",
    )
    either.add_argument(
        "--check-explanations",
        action="store_true",
        help="instead of the report, compare it with the explanation of every store",
    )
    parser.add_argument(
        "--window",
        type=arguments.window,
        metavar="WINDOW",
        help="the window to explain; default: the last of the report's windows",
    )
    parser.add_argument("--json", action="store_true", help="explain in JSON instead of text")


def _add_measures(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kind",
        choices=list(KINDS),
        default="uptime",
        help="uptime has a row for each store, rollup for the fleet, each time zone and each tag,"
        " outages for each outage of a store, targets for each store and window",
    )
    parser.add_argument(
        "--target",
        type=arguments.percentage,
        metavar="PERCENT",
        help="with --kind targets: the least uptime that stores should have, such as 99.5",
    )
    parser.add_argument(
        "--windows",
        type=arguments.windows,
        metavar="LIST",
        help="such as 90m,30d,yesterday,2024-W10; default: " + ",".join(DEFAULT_WINDOWS),
    )
    parser.add_argument(
        "--columns",
        choices=["classic", "full"],
        help="default: classic; full adds unknown time, how much was measured and how far off it"
        " can be",
    )
    parser.add_argument(
        "--max-gap",
        type=arguments.length,
        metavar="LENGTH",
        help="time further than this from the nearest poll is unknown, e.g. 2h; default: no limit",
    )
    parser.add_argument(
        "--in-poller-outages",
        choices=["fill", "unknown"],
        default="fill",
        help="time in which nobody polled is filled from the nearest polls, or unknown;"
        " default: fill",
    )
    parser.add_argument(
        "--look-back",
        type=arguments.hours,
        metavar="HOURS",
        help="how long before the windows a poll still counts; default: UPTIME_LOOK_BACK_HOURS,"
        " or 24",
    )
