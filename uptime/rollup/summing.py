"""Sums over the stores of each scope (rule 20)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.quality import Quality
from uptime.fleet import Fleet
from uptime.poller.scopes import scopes_of
from uptime.rollup.worst import Worst, ranks, worst_of
from uptime.summary import UptimeSummary
from uptime.windows.bounds import AnyWindow

# Sums of the halves of many long times fit into 63 bits; sums of the times need not.
_HALF = 24
STATES = ("up", "down", "unknown", "open")
MEASURES = (*STATES, "covered")


@dataclass(frozen=True, kw_only=True)
class RollUp:
    """Scopes in order: the fleet, then zones, then tags; see ``uptime.poller.scopes``.

    ``stores``: int64[r], how many each has. ``sums``: of each of MEASURES, object[windows, r],
    whole microseconds as Python's integers, which have no limit. ``worst``: see there.
    """

    windows: tuple[AnyWindow, ...]
    scopes: Sequence[str]
    stores: NDArray[np.int64]
    sums: Mapping[str, NDArray[np.object_]]
    worst: Worst


def roll_up(fleet: Fleet, summary: UptimeSummary) -> RollUp:
    """Sum up a summary with its quality. A store counts once in its zone and in each of its tags.

    Raises ``ValueError`` for a summary without quality. No loop runs over stores.
    """
    quality = summary.quality
    if quality is None:
        raise ValueError("A roll-up needs the full columns.")
    scopes = scopes_of(fleet.time_zones, fleet.zone_names, fleet.tags)
    members = [scope.stores for scope in scopes]
    return RollUp(
        windows=summary.windows,
        scopes=[scope.name for scope in scopes],
        stores=np.array([len(stores) for stores in members], dtype=np.int64),
        sums={name: _sums(_measure(summary, quality, name), members) for name in MEASURES},
        worst=worst_of(fleet.store_ids, summary, ranks(summary), members),
    )


def _measure(summary: UptimeSummary, quality: Quality, name: str) -> NDArray[np.int64]:
    found: NDArray[np.int64] = getattr(summary if name in STATES else quality, name)
    return found


def _sums(times: NDArray[np.int64], members: Sequence[NDArray[np.int64]]) -> NDArray[np.object_]:
    """Return the exact sums of int64[windows, n] over the stores of each scope."""
    found = np.zeros((len(times), len(members)), dtype=object)
    for place, stores in enumerate(members):
        chosen = times[:, stores]
        upper = (chosen >> _HALF).sum(axis=1).astype(object)
        lower = (chosen & ((1 << _HALF) - 1)).sum(axis=1).astype(object)
        found[:, place] = upper * (1 << _HALF) + lower
    return found
