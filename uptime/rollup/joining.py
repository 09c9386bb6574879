"""Roll-ups of parts of a fleet as one of the whole."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from uptime.poller.scopes import place
from uptime.rollup.summing import MEASURES, RollUp
from uptime.rollup.worst import Worst, hundredths_of_percent


def joined(parts: Sequence[RollUp]) -> RollUp:
    """Return the roll-up of all stores of the parts, of which there is at least one, in any order.

    A scope may be in some parts and not in others.
    """
    names = [name for part in parts for name in part.scopes]
    scopes = sorted(set(names), key=place)
    numbers = {name: number for number, name in enumerate(scopes)}
    places = np.array([numbers[name] for name in names], dtype=np.int64)
    stores = np.zeros(len(scopes), dtype=np.int64)
    np.add.at(stores, places, np.concatenate([part.stores for part in parts]))
    return RollUp(
        windows=parts[0].windows,
        scopes=scopes,
        stores=stores,
        sums={
            name: _added([part.sums[name] for part in parts], places, len(scopes))
            for name in MEASURES
        },
        worst=_worst([part.worst for part in parts], places, len(scopes)),
    )


def _added(
    sums: Sequence[NDArray[np.object_]], places: NDArray[np.int64], count: int
) -> NDArray[np.object_]:
    together = np.concatenate(sums, axis=1)
    found = np.zeros((len(together), count), dtype=object)
    np.add.at(found, (slice(None), places), together)
    return found


def _worst(parts: Sequence[Worst], places: NDArray[np.int64], count: int) -> Worst:
    """Return the worst of the worst, by the order of ``worst.ranks``."""
    store_ids = np.concatenate([part.store_ids for part in parts], axis=1)
    up = np.concatenate([part.up for part in parts], axis=1)
    down = np.concatenate([part.down for part in parts], axis=1)
    share = hundredths_of_percent(up, down)
    chosen = np.empty((len(up), count), dtype=np.int64)
    for window in range(len(up)):
        # The first of each scope, those without a store behind all others.
        order = np.lexsort(
            (
                store_ids[window].astype(str),
                -down[window],
                share[window],
                store_ids[window] == "",
                places,
            )
        )
        _, first = np.unique(places[order], return_index=True)
        chosen[window] = order[first]
    return Worst(
        store_ids=np.take_along_axis(store_ids, chosen, axis=1),
        up=np.take_along_axis(up, chosen, axis=1),
        down=np.take_along_axis(down, chosen, axis=1),
    )
