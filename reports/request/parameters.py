"""The parameters of a report in the canonical form stored in its row."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings

from reports.kinds.known import KINDS
from reports.models import Columns, PollerOutages, Report, ReportKind
from reports.request.selections import canonical_selection
from reports.request.targets import known, one_target, set_targets, told, windows_of
from reports.request.unusable import UnusableParameter
from reports.stamp.versions import CORE, TZDATA
from uptime import DEFAULT_WINDOWS, MINUTE, AnyWindow, Question, parse_windows
from uptime.instants import length_in_microseconds as microseconds
from uptime.instants import to_microseconds
from uptime.targets.target import Target
from uptime.windows.elapsed import ElapsedWindow


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Canonical: two equal requests have equal parameters. ``as_of`` None is the newest poll.

    Of kind targets, ``targets`` None are those that are set when the report is created, in
    ``windows``, or in all that they have if there are none; see ``with_targets``.
    """

    as_of: datetime | None = None
    windows: tuple[str, ...] = DEFAULT_WINDOWS
    columns: str = Columns.CLASSIC.value
    max_gap: timedelta | None = None
    stores: Mapping[str, Any] | None = None
    poller_outages: str = PollerOutages.FILL.value
    kind: str = ReportKind.UPTIME.value
    targets: tuple[Target, ...] | None = None

    def digest(self, **more: Any) -> str:
        """Return the SHA-256 of all this and ``more``, in hex."""
        said = {
            "as_of": self.as_of and to_microseconds(self.as_of),
            "windows": self.windows,
            "columns": self.columns,
            "max_gap": self.max_gap and microseconds(self.max_gap),
            "stores": self.stores,
            **more,
        }
        if self.poller_outages != PollerOutages.FILL:
            # Only then: what was asked before there was a choice keeps its digest.
            said["poller_outages"] = self.poller_outages
        if self.kind != ReportKind.UPTIME:
            said["kind"] = self.kind
        if self.targets is not None:
            said["targets"] = told(self.targets)
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def fixed(self, as_of: datetime) -> "Parameters":
        """Return the same with a fixed as of."""
        return replace(self, as_of=as_of)

    def with_targets(self) -> "Parameters":
        """Return the same with the targets that are set, if they are asked for.

        Raises UnusableParameter if there are none.
        """
        if self.kind != ReportKind.TARGETS or self.targets is not None:
            return self
        targets = set_targets(self.windows)
        return replace(self, targets=targets, windows=self.windows or tuple(windows_of(targets)))

    def question(self, as_of: datetime) -> Question:
        """Return the core's question as of an instant."""
        asked = question(
            as_of=as_of,
            windows=parse_windows(self.windows),
            max_gap=self.max_gap,
            full=self.columns == Columns.FULL or KINDS[self.kind].needs_full,
        )
        return replace(asked, targets=self.targets or ())


def parameters(  # noqa: PLR0913 - every one by name
    *,
    as_of: datetime | None = None,
    windows: Sequence[str] | None = None,
    columns: str = Columns.CLASSIC,
    max_gap: timedelta | None = None,
    stores: Mapping[str, Any] | None = None,
    poller_outages: str = PollerOutages.FILL,
    kind: str = ReportKind.UPTIME,
    target: Decimal | None = None,
) -> Parameters:
    """Return the canonical parameters of a request. Raises UnusableParameter."""
    if poller_outages not in PollerOutages.values:
        raise UnusableParameter(
            "poller_outages", f"Must be one of: {', '.join(PollerOutages.values)}."
        )
    if columns not in Columns.values:
        raise UnusableParameter("columns", f"Must be one of: {', '.join(Columns.values)}.")
    if kind not in KINDS:
        raise UnusableParameter("kind", f"Must be one of: {', '.join(KINDS)}.")
    if kind != ReportKind.UPTIME and columns != Columns.CLASSIC:
        raise UnusableParameter("columns", f"A report of kind {kind} has its own columns.")
    if kind != ReportKind.TARGETS and target is not None:
        raise UnusableParameter("target", "Only a report of kind targets has a target.")
    of_targets = kind == ReportKind.TARGETS and target is None and windows is None
    try:
        specs = () if of_targets else parse_windows(DEFAULT_WINDOWS if windows is None else windows)
    except ValueError as error:
        raise UnusableParameter("windows", str(error)) from error
    texts = tuple(spec.text for spec in specs)
    return Parameters(
        as_of=as_of,
        windows=texts,
        columns=str(columns),
        max_gap=_checked_gap(max_gap),
        stores=canonical_selection(stores),
        poller_outages=str(poller_outages),
        kind=str(kind),
        targets=None if target is None else (one_target(target, texts),),
    )


def parameters_of(report: Report) -> Parameters:
    """Return the parameters of a report."""
    return Parameters(
        as_of=report.as_of,
        windows=tuple(report.windows),
        columns=str(report.columns),
        max_gap=report.max_gap,
        stores=report.stores,
        poller_outages=str(report.poller_outages),
        kind=str(report.kind),
        targets=None if report.targets is None else known(report.targets),
    )


def fingerprint(wanted: Parameters) -> str:
    """Return a digest that is equal for reports with equal bytes on equal data."""
    return wanted.digest(
        look_back=microseconds(settings.UPTIME_LOOK_BACK),
        fresh=microseconds(settings.UPTIME_FRESH),
        tzdata=TZDATA,
        core=CORE,
    )


def text_of_gap(max_gap: timedelta) -> str:
    return ElapsedWindow(length=microseconds(max_gap)).text


def question(
    *, as_of: datetime, windows: Sequence[AnyWindow], max_gap: timedelta | None = None, full: bool
) -> Question:
    """Return a question to the core, with the measures from the settings."""
    return Question(
        as_of=to_microseconds(as_of),
        windows=windows,
        look_back=microseconds(settings.UPTIME_LOOK_BACK),
        max_gap=None if max_gap is None else microseconds(max_gap),
        fresh=microseconds(settings.UPTIME_FRESH),
        full=full,
    )


def question_of(report: Report) -> Question:
    """Return the core's question of a report."""
    return parameters_of(report).question(report.as_of)


def _checked_gap(max_gap: timedelta | None) -> timedelta | None:
    if max_gap is not None and (max_gap < timedelta(minutes=1) or microseconds(max_gap) % MINUTE):
        raise UnusableParameter("max_gap", "Must be a whole number of minutes, at least one.")
    return max_gap
