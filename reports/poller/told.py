"""What a report says of the time in which nobody polled its stores."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np

from uptime import Fleet, Question
from uptime.instants import from_microseconds, to_microseconds
from uptime.open_time.clock import Clock
from uptime.poller.finding import scopes, time_in
from uptime.poller.outages import PollerOutage


@dataclass(frozen=True, kw_only=True)
class Told:
    """The poller's outages that touch a report, or a part of one.

    ``open`` and ``within``: for each window, the open time of all its stores, and how much of it
    lies in these outages; microseconds.
    """

    outages: Sequence[PollerOutage]
    open: Sequence[int] = ()
    within: Sequence[int] = ()

    @classmethod
    def of(
        cls, fleet: Fleet, question: Question, outages: Iterable[PollerOutage], clock: Clock
    ) -> Self:
        """Return what concerns the windows and the stores of a fleet; see ``time_in``."""
        first = int(fleet.bounds(question).start.min(initial=question.as_of))
        known = {scope.name for scope in scopes(fleet)} if len(fleet.store_ids) else set()
        touching = [one for one in outages if one.end > first and one.scope in known]
        opened, within = time_in(fleet, question, touching, clock)
        return cls(outages=touching, open=opened, within=within)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return those of all parts of a report, at least one, as one."""
        every = {one for part in parts for one in part.outages}
        return cls(
            outages=sorted(every, key=lambda one: (one.start, one.scope)),
            open=np.sum([part.open for part in parts], axis=0, dtype=object).tolist(),
            within=np.sum([part.within for part in parts], axis=0, dtype=object).tolist(),
        )

    def as_json(self, windows: Sequence[str]) -> dict[str, Any]:
        """Return it as reports keep and show it. ``windows``: their texts."""
        return {
            "outages": [_as_json(one) for one in self.outages],
            "windows": [
                {"window": window, "open_us": opened, "in_outages_us": within}
                for window, opened, within in zip(windows, self.open, self.within, strict=True)
            ],
        }

    @classmethod
    def from_json(cls, said: dict[str, Any], as_of: int) -> Self:
        """Return what ``as_json`` wrote; an outage that lasts ends at ``as_of``."""
        return cls(
            outages=[_from_json(one, as_of) for one in said["outages"]],
            open=[window["open_us"] for window in said["windows"]],
            within=[window["in_outages_us"] for window in said["windows"]],
        )


def _as_json(one: PollerOutage) -> dict[str, Any]:
    """Return an outage in the form of the API; ``to`` is None while it lasts."""
    return {
        "from": _text(one.start),
        "to": None if one.lasts else _text(one.end),
        "scope": one.scope,
        "stores": one.stores,
    }


def _from_json(said: dict[str, Any], as_of: int) -> PollerOutage:
    return PollerOutage(
        scope=said["scope"],
        start=_instant(said["from"]),
        end=as_of if said["to"] is None else _instant(said["to"]),
        lasts=said["to"] is None,
        stores=said["stores"],
    )


def _text(microseconds: int) -> str:
    return from_microseconds(microseconds).isoformat().replace("+00:00", "Z")


def _instant(text: str) -> int:
    return to_microseconds(datetime.fromisoformat(text))
