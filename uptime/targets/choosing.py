"""Which target applies to each store (rule 28)."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from uptime.targets.target import FLEET, STORE, TAG, Target

NONE = -1


def chosen(
    targets: Sequence[Target],
    window: str,
    store_ids: Sequence[str],
    tags: Mapping[str, NDArray[np.int64]],
) -> NDArray[np.int64]:
    """Return the place in ``targets`` of the one for each store in a window: int64[n], or NONE.

    A store's own goes before those of its tags, and these before the fleet's; among equals the
    strictest applies, and among equally strict ones the first. ``window``: its canonical text.
    ``tags``: the places of the stores of each tag.
    """
    found = np.full(len(store_ids), NONE, dtype=np.int64)
    places = {store_id: place for place, store_id in enumerate(store_ids)}
    # From the weakest to the strongest, each replacing those before it.
    for number in sorted(range(len(targets)), key=lambda number: _strength(targets, number)):
        target = targets[number]
        if window not in target.windows:
            continue
        if target.scope == FLEET:
            found[:] = number
        elif target.scope.startswith(TAG):
            found[tags.get(target.scope.removeprefix(TAG), [])] = number
        elif (place := places.get(target.scope.removeprefix(STORE))) is not None:
            found[place] = number
    return found


def _strength(targets: Sequence[Target], number: int) -> tuple[int, int, int]:
    target = targets[number]
    rank = 0 if target.scope == FLEET else 1 if target.scope.startswith(TAG) else 2
    return rank, target.hundredths, -number
