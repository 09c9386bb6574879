"""Measurements of the dashboard inside a process: its snapshot, and the time its pages take."""

import time
from statistics import median, quantiles

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.measure import Run, timed
from dashboard.models import FleetSnapshot
from dashboard.snapshots import services
from dashboard.snapshots.reading import current_snapshot
from fleet.models import Store

_TRANSACTION = ("BEGIN", "SET TRANSACTION", "COMMIT")


def snapshot_in_process() -> Run:
    """Compute and store a snapshot as a worker does."""

    def work() -> int:
        FleetSnapshot.objects.all().delete()
        services.want_next()
        snapshot = services.take(FleetSnapshot.objects.get().pk)
        if snapshot is None:
            raise SystemExit("The snapshot could not be claimed.")
        return int(FleetSnapshot.objects.values_list("store_count", flat=True).get())

    work()
    return timed(work)


def page_median(path: str, times: str) -> Run:
    """Return the median of so many requests, without the network; ``{store}`` is each a store."""
    return Run(seconds=median(_requests(path, int(times))), rows=int(times))


def page_slowest(path: str, times: str) -> Run:
    """Return the 99th percentile of so many requests."""
    return Run(seconds=quantiles(_requests(path, int(times)), n=100)[98], rows=int(times))


def page_queries(path: str) -> Run:
    """Return how many queries a request asks, as the rows of the run."""
    client, [address] = Client(), _addresses(path, 1)
    _checked(client, address)
    with CaptureQueriesContext(connection) as asked:
        _checked(client, address)
    queries = [one for one in asked if not str(one["sql"]).startswith(_TRANSACTION)]
    return Run(seconds=0, rows=len(queries))


def open_board(times: str) -> Run:
    """Return what one open board costs of a core: it asks every ten seconds how old the data is."""
    snapshot = current_snapshot()
    path = f"/board/as-of/?snapshot={snapshot.number if snapshot else 0}"
    return Run(seconds=median(_requests(path, int(times))) / 10, rows=int(times))


def _requests(path: str, times: int) -> list[float]:
    client, addresses = Client(), _addresses(path, times)
    _checked(client, addresses[0])
    taken = []
    for address in addresses:
        start = time.perf_counter()
        _checked(client, address)
        taken.append(time.perf_counter() - start)
    return taken


def _addresses(path: str, count: int) -> list[str]:
    if "{store}" not in path:
        return [path] * count
    every = list(Store.objects.order_by("key").values_list("store_id", flat=True))
    return [path.format(store=every[place * len(every) // count]) for place in range(count)]


def _checked(client: Client, address: str) -> None:
    response = client.get(address, headers={"HX-Request": "true"} if "as-of" in address else {})
    body = response.getvalue()
    if response.status_code != 200 or not body:
        raise SystemExit(f"{address} answered {response.status_code}")
