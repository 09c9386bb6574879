"""Groups of stores that a poller may miss together: the fleet, each time zone, each tag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.open_time.zones import DEFAULT_TIME_ZONE

FLEET = "fleet"
ZONE = "zone:"
TAG = "tag:"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """``fleet``, ``zone:NAME`` or ``tag:NAME``.

    ``stores``: int64[s], their indexes, each once. ``zones``: the scopes of the zones they are in.
    """

    name: str
    stores: NDArray[np.int64]
    zones: frozenset[str]


def place(name: str) -> tuple[int, str]:
    """Return the sort key of a scope: the fleet, then zones, then tags, each by name."""
    return (0 if name == FLEET else 1 if name.startswith(ZONE) else 2, name)


def scopes_of(
    time_zones: NDArray[np.int32],
    zone_names: Sequence[str],
    tags: Mapping[str, NDArray[np.int64]],
) -> list[Scope]:
    """Return the fleet, then each zone that has stores, then each tag.

    ``time_zones``: int32[n], indexes into ``zone_names``, -1 for none. ``tags``: the indexes of the
    stores of each tag.
    """
    names = np.array([*zone_names, DEFAULT_TIME_ZONE], dtype=object)  # Number -1 is the last.
    known, zone = np.unique(names[time_zones], return_inverse=True)
    zones = [f"{ZONE}{name}" for name in known.tolist()]
    return [
        Scope(name=FLEET, stores=np.arange(len(time_zones)), zones=frozenset(zones)),
        *(
            Scope(name=name, stores=np.flatnonzero(zone == number), zones=frozenset([name]))
            for number, name in enumerate(zones)
        ),
        *(
            Scope(
                name=f"{TAG}{tag}",
                stores=stores,
                zones=frozenset(zones[number] for number in np.unique(zone[stores]).tolist()),
            )
            for tag, stores in sorted(tags.items())
        ),
    ]
