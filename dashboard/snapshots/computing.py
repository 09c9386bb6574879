"""From the database to the table of a snapshot, one range of stores at a time."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dashboard.snapshots.columns import columns_of
from dashboard.snapshots.facts import Facts, facts
from dashboard.snapshots.head import Head, ZoneHours, told_outage
from dashboard.snapshots.targets import asked_of_targets, columns_of_targets
from reports.build.planning import plan
from reports.build.selectors import load_fleet
from reports.poller.search import keep
from reports.request.kept import check_there
from reports.request.parameters import question
from uptime import DEFAULT_WINDOWS, Fleet, Question, parse_windows
from uptime.instants import from_microseconds
from uptime.open_time.zones import DEFAULT_TIME_ZONE
from uptime.poller.finding import sightings_of
from uptime.poller.sightings import joined
from uptime.state.fleet import FleetState, fleet_state, near, usual_distance
from uptime.state.hours import edges_of_week
from uptime.state.now import states_of
from uptime.targets.to_come import FARTHEST


def asked(as_of: datetime) -> Question:
    """Return the question that a snapshot answers: that of a report without parameters."""
    return question(as_of=as_of, windows=parse_windows(DEFAULT_WINDOWS), full=True)


def compute(as_of: datetime, version: int) -> tuple[Head, pa.Table]:
    """Return the head and the table of a snapshot, stores in byte order of their ids.

    The poller's outages that it finds are kept for reports and the API; ``version`` is that of the
    data before they are read. Raises what ``load_fleet`` raises, and PollsGone if polls of the week
    were pruned.
    """
    asking = asked(as_of)
    of_targets, said = asked_of_targets(as_of)
    start = min(one.first_poll for one in (asking, of_targets) if one)
    hours = ZoneHours()
    distances: NDArray[np.int64] | int = 0
    pieces, seen = [], []
    ahead = FARTHEST if of_targets else 0
    for fleet, state in _states(asking, start, ahead):
        seen.append(sightings_of(fleet, asking.first_poll, asking.as_of))
        distances = distances + state.distances
        hours.add(_zones(fleet), state.hours)
        pieces.append(
            {
                "store_id": pa.array(fleet.store_ids, pa.string()),
                **columns_of(state),
                **columns_of_targets(fleet, of_targets, said),
            }
        )
    check_there(start)
    table = pa.concat_tables([pa.table(piece) for piece in pieces]).combine_chunks()
    table = table.take(pc.sort_indices(table["store_id"]))
    counts = np.asarray(distances)
    table = _with_facts(table, facts())
    table = table.append_column("state", _state(table, asking.as_of, counts))
    found = keep(joined(seen), from_microseconds(asking.first_poll), as_of, version)
    head = Head(
        as_of=asking.as_of,
        edges=edges_of_week(asking.as_of).tolist(),
        usual_distance=usual_distance(counts),
        near=near(counts),
        zones=hours.told(),
        poller_outages=[told_outage(row) for row in reversed(found.outages.all())],
        targets=said,
    )
    return head, table


def _states(asking: Question, start: int, ahead: int) -> Iterator[tuple[Fleet, FleetState]]:
    """Yield pieces of the fleet with their polls from ``start`` on; ``ahead``: see load_fleet."""
    for keys in plan(start, asking.as_of):
        fleet = load_fleet(
            start=start,
            end=asking.as_of,
            keys=(keys.first, keys.last),
            tagged=True,
            ahead=ahead,
        )
        yield fleet, fleet_state(fleet, asking)


def _zones(fleet: Fleet) -> list[str]:
    names = [*fleet.zone_names, DEFAULT_TIME_ZONE]  # Number -1 is the last.
    return [names[number] for number in fleet.time_zones.tolist()]


def _state(table: pa.Table, as_of: int, distances: NDArray[np.int64]) -> pa.Array:
    names = ("is_open", "is_excluded", "is_seen", "seen_active", "seen_at")
    is_open, is_excluded, is_seen, active, seen_at = (table[name].to_numpy() for name in names)
    is_near = is_seen & (as_of - seen_at <= near(distances))
    return pa.array(states_of(is_open, is_excluded, is_near, active))


def _with_facts(table: pa.Table, known: Facts) -> pa.Table:
    """Return the table with what the database says of each store; stores deleted since go."""
    place = pc.index_in(table["store_id"], value_set=known.store_ids)
    found = pc.is_valid(place)
    table, place = table.filter(found), place.filter(found)
    for name, column in known.columns.items():
        table = table.append_column(name, column.take(place))
    return table
